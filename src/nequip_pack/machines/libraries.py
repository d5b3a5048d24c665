"""From what a user calls a library to what has to be hidden for it."""

from __future__ import annotations

import difflib
import importlib.metadata
import os
import sys
from typing import TYPE_CHECKING, Final, NamedTuple

from packaging.utils import canonicalize_name

from nequip_lint import api as lint
from nequip_pack.absent import Absent, become, hidden, without
from nequip_pack.errors import UsageError
from nequip_pack.installed import is_installed
from nequip_pack.machines.required import required

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

OPTION: Final = "--absent"
_OWN: Final = frozenset({"nequip_lint", "nequip_pack"})


class Wanted(NamedTuple):
    """What a user wants to be absent.

    Attributes:
        absent: what has to be hidden for it.
        already: the names of known libraries that are not installed here anyway.
    """

    absent: Absent
    already: tuple[str, ...]


def go_on_without(names: Iterable[str], tell: Callable[[str], None]) -> None:
    """Start this command again in a process that does not see some libraries; there, return.

    Args:
        names: as given.
        tell: is given a line about each that is not installed anyway.

    Raises:
        UsageError: as :func:`wanted`.
    """
    if hidden().imports:
        return
    found = wanted(names)
    for name in found.already:
        tell(f"{name} is not installed here, so that this machine is one without it")
    if found.absent.imports:
        become(without(found.absent, "nequip_pack.cli", *sys.argv[1:]), os.environ)


def wanted(names: Iterable[str]) -> Wanted:
    """What some libraries stand for, each given as an import name or as its distribution.

    Args:
        names: as given.

    Raises:
        UsageError: for a name that is neither installed nor known, and for a library that cannot be hidden,
            since torch, nequip or nequip-pack requires it, or shares its import name with another.
    """
    owners = _owners()
    found, already = Absent(), []
    for name in names:
        library = _installed(name, owners)
        if library.imports:
            _check(name, library, owners)
            found = found.union(library)
        elif lint.known_library(name) is not None:
            already.append(name)
        else:
            raise _unknown(name, owners)
    return Wanted(found, tuple(already))


def _owners() -> Mapping[str, frozenset[str]]:
    """The distributions that provide each import name."""
    owners = importlib.metadata.packages_distributions()
    return {top: frozenset(map(canonicalize_name, names)) for top, names in owners.items()}


def _installed(name: str, owners: Mapping[str, frozenset[str]]) -> Absent:
    """The distributions that a name stands for, with all that they provide; nothing for one not installed."""
    distributions = owners.get(name, frozenset()) | _named(name)
    imports = {top for top, names in owners.items() if names & distributions}
    if not imports:  # an editable install does not tell what it provides
        imports = {top for top in (name, name.replace("-", "_")) if _is_import(top)}
    return Absent(frozenset(imports), distributions) if imports else Absent()


def _named(name: str) -> frozenset[str]:
    try:
        return frozenset({canonicalize_name(importlib.metadata.distribution(name).metadata["Name"])})
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return frozenset()


def _is_import(name: str) -> bool:
    return name.isidentifier() and name not in sys.stdlib_module_names and is_installed(name)


def _check(name: str, library: Absent, owners: Mapping[str, frozenset[str]]) -> None:
    ways = required()
    needed = sorted(library.distributions & ways.keys())
    if needed or library.imports & _OWN:
        what = f"{name} cannot be hidden: no rehearsal does without it"
        why = _told(ways[needed[0]]) if needed else ""
        raise UsageError(what, where=OPTION, why=why, remedy="name an optional library")
    for top in sorted(library.imports):
        if others := owners.get(top, frozenset()) - library.distributions:
            why = f"{', '.join(sorted(others))} provides {top} too"
            remedy = "name a library with an import name of its own"
            raise UsageError(f"{name} cannot be hidden alone", where=OPTION, why=why, remedy=remedy)


def _told(way: tuple[str, ...]) -> str:
    """In words, who requires the last of some distributions; '' for one that nobody has to require."""
    return f"{way[0]} requires {', which requires '.join(way[1:])}" if way[1:] else ""


def _unknown(name: str, owners: Mapping[str, frozenset[str]]) -> UsageError:
    names = {*owners, *(item for found in owners.values() for item in found)}
    close = difflib.get_close_matches(name, sorted(names), 1)
    remedy = f"did you mean {close[0]}?" if close else "name an import or a distribution that is installed"
    what = f"{name!r} is not installed here, and no library is known by that name"
    return UsageError(what, where=OPTION, remedy=remedy)
