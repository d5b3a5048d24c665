"""Which libraries a machine may lack that a package reaches."""

from __future__ import annotations

import importlib.metadata
import sys
from typing import TYPE_CHECKING, Final, NamedTuple

from packaging.utils import canonicalize_name

from nequip_pack.absent import Absent
from nequip_pack.errors import UsageError
from nequip_pack.installed import is_installed
from nequip_pack.machines.libraries import wanted
from nequip_pack.machines.required import required
from nequip_pack.machines.values import INTERN

if TYPE_CHECKING:
    from collections.abc import Mapping

_GROUP: Final = "nequip.extension"


class OptionalLibrary(NamedTuple):
    """A library that is installed here, and need not be.

    Attributes:
        name: its top-level import name.
        action: external or mocked.
        absent: what has to be hidden for it.
        required_by: an installed extension that requires it, '' where none does.
    """

    name: str
    action: str
    absent: Absent
    required_by: str


def optional_libraries(closure: Mapping[str, str]) -> list[OptionalLibrary]:
    """The registered libraries in a package that neither torch nor nequip requires and that are installed.

    Args:
        closure: module name to action.
    """
    found = []
    for name, action in _reached(closure).items():
        try:
            absent = wanted([name]).absent if is_installed(name) else Absent()
        except UsageError:  # it is required
            continue
        if absent.imports:
            found.append(OptionalLibrary(name, action, absent, _requiring(absent.distributions)))
    return found


def _reached(closure: Mapping[str, str]) -> dict[str, str]:
    others = (
        (name.partition(".")[0], action) for name, action in sorted(closure.items()) if action != INTERN
    )
    return {top: action for top, action in others if top not in sys.stdlib_module_names}


def _requiring(distributions: frozenset[str]) -> str:
    """An installed extension that requires one of some distributions, through whatever others."""
    for point in importlib.metadata.entry_points(group=_GROUP):
        owner = canonicalize_name(point.dist.name) if point.dist is not None else ""
        if owner and distributions & required((owner,)).keys() - {owner}:
            return owner
    return ""
