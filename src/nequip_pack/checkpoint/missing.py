"""What a checkpoint names and this process cannot import, said so that it can be helped."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from nequip_lint.api import project_root
from nequip_pack.checkpoint.configuration import mappings
from nequip_pack.errors import EnvironmentLacksError
from nequip_pack.installed import distribution_of, how_to_install, is_installed

_MAIN: Final = "__main__"
_SCRIPT: Final = (
    "the script or notebook that wrote the checkpoint (`__main__`), which no other process can import"
)
_MOVE: Final = "move it to a module that can be imported, and write the checkpoint again with its new name"


def is_of_script(name: str) -> bool:
    """Whether a dotted name means the script of another process."""
    top, _, rest = name.partition(".")
    return top == _MAIN and not hasattr(sys.modules[_MAIN], rest.partition(".")[0])


def of_script(path: Path, name: str, of: str = "checkpoint") -> EnvironmentLacksError:
    """The error for what was defined in a script; ``of`` is what needs it."""
    return EnvironmentLacksError(f"the {of} needs {name} from {_SCRIPT}", where=path, remedy=_MOVE)


def why_not_made(config: object) -> str | None:
    """Why something cannot be made from its configuration, if the names in it tell that."""
    for target in targets(config):
        if is_of_script(target):
            return f"{target} is from {_SCRIPT}"
        if not target.startswith(f"{_MAIN}.") and not is_installed(target):
            return f"it names {target}, and {target.partition('.')[0]} is not installed"
    return None


def check_target(path: Path, why: str, target: str, of: str = "checkpoint") -> None:
    """Check that the package of a class or function is there, without importing it.

    Args:
        path: the checkpoint.
        why: what makes it needed, for the message.
        target: its dotted name.
        of: what names it, for the message.

    Raises:
        EnvironmentLacksError: if it is not.
    """
    if is_of_script(target):
        raise of_script(path, target, of)
    top = target.partition(".")[0]
    if top != _MAIN and not is_installed(top):
        what = f"the {of} needs the package {top}, which is not installed"
        raise EnvironmentLacksError(what, where=path, why=why, remedy=_how_to_find(top, path))


def _how_to_find(top: str, path: Path) -> str:
    """What to do about a package that is not installed, but may be developed around here."""
    for folder in (path.absolute().parent, Path.cwd()):
        root = project_root(folder)
        if root is not None and any((root / place / top / "__init__.py").is_file() for place in (".", "src")):
            return f"run `pip install -e {shlex.quote(str(root))}`"
    return how_to_install(top) + ("" if distribution_of(top) else ", or put its folder on PYTHONPATH")


def targets(config: object) -> Iterator[str]:
    """Every ``_target_`` of a configuration, in its order."""
    found = (mapping.get("_target_") for mapping in mappings(config))
    return (target for target in found if isinstance(target, str) and "." in target)
