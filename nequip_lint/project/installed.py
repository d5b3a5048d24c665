"""What an environment's installed metadata says: versions, requirements, entry points. Imports nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from nequip_lint.machine.libraries import import_names, normalized
from nequip_lint.project.ini import read_ini
from nequip_lint.project.metadata import GROUP


class Distribution(NamedTuple):
    """One installed distribution."""

    name: str
    version: str
    requirements: tuple[str, ...]
    extensions: tuple[str, ...]
    packages: tuple[str, ...]


@cache
def distributions(folders: tuple[Path, ...]) -> dict[str, Distribution]:
    """The installed distributions by normalised name; the first folder wins."""
    found: dict[str, Distribution] = {}
    for folder in folders:
        for info in sorted(folder.glob("*.dist-info")):
            item = _read(info)
            found.setdefault(normalized(item.name), item)
    return found


def _read(info: Path) -> Distribution:
    name, _, version = info.name[: -len(".dist-info")].partition("-")
    headers = list(_headers(info / "METADATA"))
    requirements = tuple(value for key, value in headers if key == "Requires-Dist")
    name = next((value for key, value in headers if key == "Name"), name)
    return Distribution(name, version, requirements, _extensions(info), _packages(info))


def _headers(path: Path) -> Iterator[tuple[str, str]]:
    for line in _text(path).splitlines():
        if not line:
            return
        key, separator, value = line.partition(": ")
        if separator and key[0] != " ":
            yield key, value


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
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
    declared = _text(info / "top_level.txt").split()
    if declared:
        return tuple(declared)
    tops: dict[str, None] = {}
    for line in _text(info / "RECORD").splitlines():
        top, slash, rest = line.partition("/")
        if slash and rest.startswith("__init__.py,"):
            tops[top] = None
        elif not slash and top.partition(",")[0].endswith(".py"):
            tops[top.partition(".")[0]] = None
    return tuple(tops)


def required_names(requirements: Iterable[str], installed: dict[str, Distribution]) -> frozenset[str]:
    """The import names that a set of requirements brings, through all levels, extras and markers aside.

    Args:
        requirements: as in `Requires-Dist`.
        installed: the distributions to follow requirements through.
    """
    names: set[str] = set()
    seen: set[str] = set()
    pending = [name for item in requirements if (name := mandatory(item))]
    while pending:
        name = normalized(pending.pop())
        if name in seen:
            continue
        seen.add(name)
        item = installed.get(name)
        names.update(item.packages if item is not None and item.packages else import_names(name))
        if item is not None:
            pending += [found for line in item.requirements if (found := mandatory(line))]
    return frozenset(names)


def mandatory(requirement: str) -> str:
    """The distribution that a requirement names, '' where a marker makes it depend on the machine."""
    text, _, marker = requirement.partition(";")
    name = ""
    for character in text.strip():
        if not (character.isalnum() or character in "-_."):
            break
        name += character
    return "" if marker.strip() else name
