"""Which files to lint, to which project each belongs, and what module each is."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from nequip_lint.errors import LintError
from nequip_lint.project.metadata import FILES

INSTALLED = frozenset({"site-packages", "dist-packages"})
_SKIPPED = frozenset(
    {
        "__pycache__",
        "node_modules",
        "build",
        "dist",
        "site-packages",
        "venv",
        "env",
        ".venv",
        "__pypackages__",
    }
)


class SourceFile(NamedTuple):
    """One file to lint: its module name, and the folder from which it would be imported."""

    path: Path
    module: str
    is_package: bool
    folder: Path


def python_files(paths: Iterable[Path]) -> list[Path]:
    """All Python files at and below some paths, absolute, each once, in a stable order.

    Folders that hold no code of the project (environments, caches, builds) are passed over unless
    they are named themselves.

    Raises:
        LintError: a path does not exist, or lies in a folder that is closed to us.
    """
    found: dict[Path, None] = {}
    for path in paths:
        try:
            is_there = path.exists()
        except OSError as error:
            raise LintError(f"{path}: cannot be reached: {error.strerror}; check its permissions") from error
        if not is_there:
            raise LintError(f"{path}: no such file or folder; {_hint(path)}")
        place = resolved(path)
        found.update(dict.fromkeys(_walk(place) if path.is_dir() else [place]))
    return list(found)


def resolved(path: Path) -> Path:
    """A path from the root, links resolved.

    Raises:
        LintError: it is relative to a working directory that was deleted, or its links go round in a circle.
    """
    try:
        return path.resolve()
    except (OSError, RuntimeError) as error:
        raise LintError(f"{path}: cannot be reached: {getattr(error, 'strerror', error)}") from error


def linted_files(paths: Iterable[Path]) -> list[Path]:
    """The same, for paths that a user wants judged: a folder without code must not look clean.

    Raises:
        LintError: a path does not exist, or is a folder in which there is no Python file.
    """
    found: dict[Path, None] = {}
    for path in paths:
        files = python_files([path])
        if not files:
            raise LintError(f"{path}: no Python files in this folder; name one that has the code")
        found.update(dict.fromkeys(files))
    return list(found)


def files_beside(path: Path) -> list[Path]:
    """The Python files of the project that a file belongs to, and the file, which need not be there yet.

    Without a project these are the files of its top-level package.
    """
    root = project_root(path.parent)
    top = root if root is not None else path.parent
    while root is None and (top / "__init__.py").is_file() and (top.parent / "__init__.py").is_file():
        top = top.parent
    is_alone = root is None and not (top / "__init__.py").is_file()
    files = [] if is_alone else python_files([top])
    return sorted({*files, path})


def _hint(path: Path) -> str:
    from difflib import get_close_matches

    siblings = (entry.name for entry in path.parent.iterdir()) if path.parent.is_dir() else ()
    near = get_close_matches(path.name, siblings, n=1)
    return f"did you mean {path.parent / near[0]}?" if near else "check the spelling or the working directory"


def _walk(top: Path) -> Iterator[Path]:
    """The Python files below a folder; for a folder that cannot be listed the `__init__` that it may have.

    `os.walk` of Python 3.11 calls itself for each folder below a folder (`Lib/os.py`).
    """
    closed, waiting = [], [top]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError:
            closed.append(folder)
            continue
        yield from (
            Path(entry.path) for entry in found if entry.name.endswith(".py") and not _is_folder(entry)
        )
        below = (entry.name for entry in reversed(found) if _is_folder(entry) and not entry.is_symlink())
        waiting += [folder / name for name in below if not _is_skipped(folder, name)]
    yield from (folder / "__init__.py" for folder in closed)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _is_skipped(folder: Path, name: str) -> bool:
    hidden = name.startswith(".") or name.endswith(".egg-info")
    return hidden or name in _SKIPPED or _is_file(folder / name / "pyvenv.cfg")


def _is_repository(folder: Path) -> bool:
    try:
        return (folder / ".git").exists()
    except PermissionError:
        return False


def _is_file(path: Path) -> bool:
    """Whether a path is a file; a folder that is closed to us has none."""
    try:
        return path.is_file()
    except PermissionError:
        return False


@lru_cache(maxsize=4096)
def project_root(folder: Path) -> Path | None:
    """The nearest folder at or above `folder` with a metadata file, within the same repository."""
    if any(_is_file(folder / name) for name in FILES):
        return folder
    if folder.name in INSTALLED or folder.parent == folder or _is_repository(folder):
        return None
    return project_root(folder.parent)


def source_file(path: Path, root: Path | None) -> SourceFile:
    """Name the module that a file is.

    Args:
        path: the file.
        root: of its project; a `src` folder there holds importable code, namespace packages included.
    """
    folder = _import_folder(path.parent, root)
    relative = path.relative_to(folder).with_suffix("")
    is_package = path.name == "__init__.py"
    parts = relative.parts[:-1] if is_package else relative.parts
    return SourceFile(path, ".".join(parts), is_package, folder)


@lru_cache(maxsize=4096)
def _import_folder(folder: Path, root: Path | None) -> Path:
    if root is not None and (root / "src") in (folder, *folder.parents):
        return root / "src"
    while _is_file(folder / "__init__.py"):
        folder = folder.parent
    return folder


def without_clashes(files: Iterable[SourceFile]) -> list[list[SourceFile]]:
    """Files in groups in which no two have the same module name; those of one folder stay together."""
    groups: list[dict[str, SourceFile]] = []
    for _, members in groupby(sorted(files, key=_place), key=lambda file: file.folder):
        names = {file.module: file for file in members}
        free = next((group for group in groups if group.keys().isdisjoint(names)), None)
        if free is None:
            free = {}
            groups.append(free)
        free.update(names)
    return [list(group.values()) for group in groups]


def _place(file: SourceFile) -> tuple[Path, Path]:
    return file.folder, file.path
