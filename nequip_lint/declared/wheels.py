"""What an installed library ships: compiled code or Python alone, and how much. Imports nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from nequip_lint.declared.installed import distributions
from nequip_lint.declared.locate import Kind, locate
from nequip_lint.machine.libraries import normalized

_COMPILED = (".so", ".pyd", ".dll", ".dylib")
_Entry = tuple[str, int]


class Wheel(NamedTuple):
    """An installed library: files of compiled code, and the number and size of its Python files.

    `distribution` and `version` are '' where no metadata tells of it.
    """

    distribution: str
    version: str
    compiled: tuple[str, ...]
    sources: int
    size: int


def wheel(folders: tuple[Path, ...], library: str) -> Wheel | None:
    """What a library ships; None where it is not installed.

    The record of its distribution tells, which names compiled files beside the package too; without one
    (editable installs, folders on the path) the files below the package do.

    Args:
        folders: of importable code.
        library: its import name.
    """
    for folder in folders:
        for info in _infos(folder, library):
            recorded = list(_recorded(info / "RECORD"))
            if any(_is_below(name, library) for name, _ in recorded):
                name, _, version = info.name.removesuffix(".dist-info").partition("-")
                return _summed(name, version, recorded)
    place = locate(folders, library)
    if place is None:
        return None
    path = place.path if place.kind is Kind.NAMESPACE or not place.is_package else place.path.parent
    return _summed("", "", _found(path))


def _infos(folder: Path, library: str) -> Iterator[Path]:
    """The metadata folders of the distributions that bring a library."""
    names = {key for key, item in distributions((folder,)).items() if library in item.packages}
    for info in sorted(folder.glob("*.dist-info")) if names else ():
        if normalized(info.name.partition("-")[0]) in names:
            yield info


def _is_below(name: str, library: str) -> bool:
    return name.startswith((f"{library}/", f"{library}."))


def _recorded(record: Path) -> Iterator[_Entry]:
    """The paths and sizes in a RECORD, whose lines are `path,hash,size`."""
    import csv

    try:
        lines = record.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    for row in csv.reader(lines):
        if row:
            yield row[0], int(row[2]) if len(row) > 2 and row[2].isdigit() else 0


def _found(path: Path) -> Iterator[_Entry]:
    """The same for a file, or for all files below a folder."""
    if path.is_file():
        yield path.name, path.stat().st_size
    for folder, _, files in os.walk(path):
        for name in sorted(files):
            file = Path(folder, name)
            yield file.relative_to(path.parent).as_posix(), file.stat().st_size if file.is_file() else 0


def _summed(name: str, version: str, entries: Iterator[_Entry] | list[_Entry]) -> Wheel:
    listed = list(entries)
    compiled = [entry for entry, _ in listed if entry.endswith(_COMPILED) or ".so." in entry]
    sources = [size for entry, size in listed if entry.endswith(".py")]
    return Wheel(name, version, tuple(sorted(compiled)), len(sources), sum(sources))
