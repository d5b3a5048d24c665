"""Find the file of a module below folders of importable code, importing nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from nequip_lint import disk
from nequip_lint.contents import read_bytes

_BINARY = (".so", ".pyd")
_ASSIGNED = re.compile(r"^MAPPING\b[^=]*=\s*(\{.*\})\s*$", re.MULTILINE)


class Kind(str, Enum):
    """What stands behind a module name."""

    SOURCE = "source"
    NAMESPACE = "namespace"
    BINARY = "binary"
    BYTECODE = "bytecode"


class Location(NamedTuple):
    """A module's file; for a package its `__init__.py`, for a namespace package its folder."""

    kind: Kind
    path: Path
    is_package: bool


@lru_cache(maxsize=4096)
def _entries(folder: Path) -> frozenset[str]:
    return frozenset(disk.names_in(folder))


@lru_cache(maxsize=4096)
def _binaries(folder: Path) -> dict[str, str]:
    """The files of compiled modules in a folder, by module name."""
    return {entry.partition(".")[0]: entry for entry in _entries(folder) if entry.endswith(_BINARY)}


def locate_in(folder: Path, name: str) -> Location | None:
    """The module `name` directly below `folder`, in the order in which Python's finder looks."""
    entries = _entries(folder)
    if name in entries and "__init__.py" in _entries(folder / name):
        return Location(Kind.SOURCE, folder / name / "__init__.py", True)
    binary = _binaries(folder).get(name)
    if binary is not None:
        return Location(Kind.BINARY, folder / binary, False)
    if f"{name}.py" in entries:
        return Location(Kind.SOURCE, folder / f"{name}.py", False)
    if f"{name}.pyc" in entries:
        return Location(Kind.BYTECODE, folder / f"{name}.pyc", False)
    if name in entries and disk.is_folder(folder / name):
        return Location(Kind.NAMESPACE, folder / name, True)
    return None


def locate(folders: tuple[Path, ...], module: str) -> Location | None:
    """The location of a dotted module name, parents first; a regular package hides namespace portions."""
    top, *rest = module.split(".")
    found = _first(folders, top)
    for name in rest:
        if found is None or not found.is_package:
            return None
        folder = found.path if found.kind is Kind.NAMESPACE else found.path.parent
        found = locate_in(folder, name)
    return found


def _first(folders: tuple[Path, ...], name: str) -> Location | None:
    namespace = None
    for folder in folders:
        found = locate_in(folder, name)
        if found is not None and found.kind is not Kind.NAMESPACE:
            return found
        namespace = namespace or found
    return namespace


_MARKS = ("pyvenv.cfg", "conda-meta")
_INSTALLED = (".dist-info", ".egg-info", ".pth", ".py")
"""With what the names end of what is installed, or can be imported."""


def site_folders(environment: Path) -> tuple[Path, ...]:
    """The folders of importable code of an environment, those of editable installs included.

    Args:
        environment: a virtual environment or a site-packages folder.
    """
    lib = environment / "lib"
    pythons = (name for name in disk.names_in(lib) if name.startswith("python3"))
    usual = [*(lib / name / "site-packages" for name in pythons), environment / "Lib" / "site-packages"]
    sites = [site for site in usual if disk.is_folder(site)] or [environment]
    return tuple(dict.fromkeys(folder for site in sites for folder in (site, *_linked(site))))


def is_marked(folder: Path) -> bool:
    """Whether a folder says that it is an environment, of venv or of conda."""
    return any(disk.surely(disk.exists, folder / mark) for mark in _MARKS)


NO_PACKAGES = "no installed packages are there; name a virtual environment, or its site-packages folder"


def holds_packages(environment: Path) -> bool:
    """Whether a folder is an environment, or a folder for packages: with some, or empty."""
    names = disk.names_in(environment)
    if not names or is_marked(environment) or site_folders(environment)[0] != environment:
        return True
    if any(name.endswith(_INSTALLED) for name in names):
        return True
    return any(disk.exists(environment / name / "__init__.py") for name in names)


def _linked(site: Path) -> Iterator[Path]:
    for name in sorted(_entries(site)):
        if name.endswith(".pth"):
            lines = _text(site / name).splitlines()
            named = (line.strip() for line in lines if not line.startswith(("#", "import ", "import\t")))
            folders = (site / line for line in named if line)
            yield from filter(disk.is_folder, folders)
        elif name.startswith("__editable___") and name.endswith("_finder.py"):
            yield from _mapped(_text(site / name))


def _text(path: Path) -> str:
    return read_bytes(path).decode("utf-8", errors="replace")


def _mapped(text: str) -> Iterator[Path]:
    match = _ASSIGNED.search(text)
    if match is not None:
        import ast

        yield from (Path(path).parent for path in ast.literal_eval(match[1]).values())
