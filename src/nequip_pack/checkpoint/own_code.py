"""What is internal, external and mocked for a plain checkpoint, by what its code's projects declare.

Internal is the package of the model's class or builder, every package of a project (code that is not in a
site-packages folder) that the checkpoint names, and what an entry point of the group ``nequip.extension``
names. ``internal-packages``, ``extern-modules`` and ``mock-modules`` in the table ``[tool.nequip-lint]`` of
those projects come on top, and win: the same rules as the linter's for a project without nequip.
"""

from __future__ import annotations

import importlib.metadata
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from nequip_pack.errors import InputError
from nequip_pack.installed import project_of
from nequip_pack.registry import Patterns

if TYPE_CHECKING:
    from pathlib import Path

    from nequip_pack.checkpoint.plain import PlainHeader

_NEVER = frozenset({"torch", "numpy"})


def own_patterns(header: PlainHeader, folders: Iterable[Path]) -> Patterns:
    """The declarations that concern a plain checkpoint. Imports none of its code.

    Args:
        header: of the checkpoint.
        folders: more folders of owned code.

    Raises:
        InputError: if a table ``[tool.nequip-lint]`` is wrong.
    """
    from nequip_lint.api import extension_group

    tops = {module.partition(".")[0] for module in header.modules} - _NEVER - sys.stdlib_module_names
    homes = {top: root for top in tops if (root := project_of(top)) is not None}
    entry = {header.entry_module.partition(".")[0]} & tops
    points = importlib.metadata.entry_points(group=extension_group())
    extensions = {point.value.partition(":")[0] for point in points}
    found = Patterns(intern=tuple(sorted(entry | extensions | homes.keys())))
    for root in sorted({*homes.values(), *_roots(folders)}):
        found = found.union(_declared(root))
    return settled(found)


def settled(patterns: Patterns) -> Patterns:
    """Without internal packages that are declared external or mocked, which torch.package finds first."""
    elsewhere = {*patterns.extern, *patterns.mock}
    return replace(patterns, intern=tuple(name for name in patterns.intern if name not in elsewhere))


def _roots(folders: Iterable[Path]) -> Iterator[Path]:
    from nequip_lint.api import project_root

    for folder in folders:
        root = project_root(folder.resolve())
        if root is not None:
            yield root


def _declared(root: Path) -> Patterns:
    from nequip_lint.api import LintError, declared

    try:
        actions = declared(root)
    except LintError as error:
        raise InputError("the project's settings cannot be used", where=root, why=str(error)) from error
    return Patterns(tuple(actions.mock), tuple(actions.extern), tuple(actions.intern))
