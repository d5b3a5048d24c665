"""What an environment's installed metadata says: versions, requirements, entry points. Imports nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from nequip_lint import disk
from nequip_lint.contents import read_bytes
from nequip_lint.declared.ini import read_ini
from nequip_lint.declared.metadata import GROUP
from nequip_lint.machine.libraries import import_names, normalized


class Distribution(NamedTuple):
    """One installed distribution; `python` are the versions that it supports, '' for any."""

    name: str
    version: str
    requirements: tuple[str, ...]
    extensions: tuple[str, ...]
    packages: tuple[str, ...]
    python: str = ""


@cache
def distributions(folders: tuple[Path, ...]) -> dict[str, Distribution]:
    """The installed distributions by normalised name; the first folder wins."""
    found: dict[str, Distribution] = {}
    for folder in folders:
        for name in disk.names_in(folder):
            if not name.endswith(".dist-info"):
                continue
            item = _read(folder / name)
            found.setdefault(normalized(item.name), item)
    return found


def _read(info: Path) -> Distribution:
    name, _, version = info.name[: -len(".dist-info")].partition("-")
    headers = list(_headers(info / "METADATA"))
    requirements = tuple(value for key, value in headers if key == "Requires-Dist")
    given = dict(headers)
    name, python = given.get("Name", name), given.get("Requires-Python", "")
    return Distribution(name, version, requirements, _extensions(info), _packages(info), python)


def _headers(path: Path) -> Iterator[tuple[str, str]]:
    head = _text(path).partition("\n\n")[0]
    for line in head.split("\n"):
        key, separator, value = line.partition(": ")
        if separator and key[0] != " ":
            yield key, value


def _text(path: Path) -> str:
    try:
        return read_bytes(path).decode("utf-8", errors="replace").replace("\r\n", "\n")
    except OSError:
        return ""


def _extensions(info: Path) -> tuple[str, ...]:
    text = _text(info / "entry_points.txt")
    if GROUP not in text:
        return ()
    try:
        parser = read_ini(text, delimiters=("=",))
    except ValueError:
        return ()
    return tuple(parser[GROUP].values()) if parser.has_section(GROUP) else ()


def _packages(info: Path) -> tuple[str, ...]:
    """The top-level names that a distribution brings; namespace packages where it has no others."""
    declared = _text(info / "top_level.txt").split()
    if declared:
        return tuple(declared)
    tops: dict[str, None] = {}
    shared: dict[str, None] = {}
    for line in _text(info / "RECORD").splitlines():
        if "/" in line and "__init__.py" not in line:
            continue
        top, slash, rest = line.partition("/")
        if slash and rest.startswith("__init__.py,"):
            tops[top] = None
        elif not slash and top.partition(",")[0].endswith(".py"):
            tops[top.partition(".")[0]] = None
        elif top.isidentifier() and rest.partition(",")[0].endswith("/__init__.py"):
            shared[top] = None
    return tuple(tops or shared)


def required_names(requirements: Iterable[str], installed: dict[str, Distribution]) -> frozenset[str]:
    """The import names that a set of requirements brings, through all levels, extras and markers aside.

    Args:
        requirements: as in `Requires-Dist`.
        installed: the distributions to follow requirements through.
    """
    names: set[str] = set()
    for name in followed(requirements, _of(installed)):
        names.update(names_of(name, installed))
    return frozenset(names)


def names_of(name: str, installed: dict[str, Distribution]) -> tuple[str, ...]:
    """The import names of a distribution, which need not be installed.

    Args:
        name: normalised.
        installed: the distributions that are.
    """
    item = installed.get(name)
    return item.packages if item is not None and item.packages else import_names(name)


def are_installed(requirements: Iterable[str], installed: dict[str, Distribution]) -> bool:
    """Whether all that a set of requirements brings is installed, so that nothing else comes with it."""
    return all(name in installed for name in followed(requirements, _of(installed)))


def _of(installed: dict[str, Distribution]) -> Callable[[str], Iterable[str]]:
    return lambda name: installed[name].requirements if name in installed else ()


def followed(requirements: Iterable[str], further: Callable[[str], Iterable[str]]) -> Iterator[str]:
    """The distributions, by normalised name, that a set of requirements brings, extras and markers aside.

    Args:
        requirements: as in `Requires-Dist`.
        further: what a distribution requires in turn.
    """
    seen: set[str] = set()
    pending = list(requirements)
    while pending:
        name = normalized(mandatory(pending.pop()))
        if name and name not in seen:
            seen.add(name)
            yield name
            pending += further(name)


def owner_of(module: str, installed: dict[str, Distribution]) -> Distribution | None:
    """The distribution that a module belongs to, None where none is known."""
    top = module.partition(".")[0]
    return next((item for item in installed.values() if top in item.packages), None)


def mandatory(requirement: str) -> str:
    """The distribution that a requirement names, '' where a marker makes it depend on the machine."""
    text, _, marker = requirement.partition(";")
    name = ""
    for character in text.strip():
        if not (character.isalnum() or character in "-_."):
            break
        name += character
    return "" if marker.strip() else name
