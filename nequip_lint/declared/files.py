"""Which files to lint, to which project each belongs, and what module each is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from nequip_lint import disk
from nequip_lint.declared.metadata import FILES, read_metadata
from nequip_lint.errors import LintError

INSTALLED = frozenset({"site-packages", "dist-packages"})
_SKIPPED = frozenset({"__pycache__", "node_modules", "site-packages", "__pypackages__"})
_SKIPPED_UNLESS_PACKAGES = frozenset({"build", "dist", "venv", "env"})


class SourceFile(NamedTuple):
    """One file to lint: its module name, and the folder from which it would be imported."""

    path: Path
    module: str
    is_package: bool
    folder: Path


def python_files(paths: Iterable[Path]) -> list[Path]:
    """All Python files at and below some paths, absolute, each once, in a stable order.

    Folders that hold no code of the project (environments, caches, builds) are passed over unless
    they are named themselves; a package may have the name of one.

    Raises:
        LintError: a path does not exist, or lies in a folder that is closed to us.
    """
    found: dict[Path, None] = {}
    for path in paths:
        try:
            is_there = disk.exists(path)
        except OSError as error:
            raise LintError(f"{path}: cannot be reached: {error.strerror}; check its permissions") from error
        if not is_there:
            raise LintError(f"{path}: no such file or folder; {_hint(path)}")
        place = resolved(path)
        found.update(dict.fromkeys(_walk(place) if disk.is_folder(path) else [place]))
    return list(found)


def resolved(path: Path) -> Path:
    """A path from the root, links resolved.

    Raises:
        LintError: it is relative to a working directory that was deleted, or its links go round in a circle.
    """
    try:
        return Path(disk.real(path))
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
    while root is None and disk.is_file(top / "__init__.py") and disk.is_file(top.parent / "__init__.py"):
        top = top.parent
    is_alone = root is None and not disk.is_file(top / "__init__.py")
    files = [] if is_alone else python_files([top])
    return sorted({*files, path})


def _hint(path: Path) -> str:
    from difflib import get_close_matches

    near = get_close_matches(path.name, disk.names_in(path.parent), n=1)
    return f"did you mean {path.parent / near[0]}?" if near else "check the spelling or the working directory"


def _walk(top: Path) -> Iterator[Path]:
    """The Python files below a folder; for a folder that cannot be listed the `__init__` that it may have.

    `os.walk` of Python 3.11 calls itself for each folder below a folder (`Lib/os.py`).
    """
    closed, waiting = [], [top]
    while waiting:
        folder = waiting.pop()
        try:
            found = disk.entries(folder)
        except OSError:
            closed.append(folder)
            continue
        yield from (folder / name for name, is_folder, _ in found if name.endswith(".py") and not is_folder)
        below = (name for name, is_folder, is_link in reversed(found) if is_folder and not is_link)
        waiting += [folder / name for name in below if not _is_skipped(folder, name)]
    yield from (folder / "__init__.py" for folder in closed)


def _is_skipped(folder: Path, name: str) -> bool:
    if name.startswith(".") or name.endswith(".egg-info") or name in _SKIPPED:
        return True
    if name in _SKIPPED_UNLESS_PACKAGES and not _is_file(folder / name / "__init__.py"):
        return True
    return _is_file(folder / name / "pyvenv.cfg")


def _is_repository(folder: Path) -> bool:
    try:
        return disk.exists(folder / ".git")
    except PermissionError:
        return False


def _is_site(folder: Path) -> bool:
    """Whether distributions are installed in a folder, by its name or by what lies in it."""
    return folder.name in INSTALLED or any(name.endswith(".dist-info") for name in disk.names_in(folder))


def _is_file(path: Path) -> bool:
    """Whether a path is a file; a folder that is closed to us has none."""
    try:
        return disk.is_file(path)
    except PermissionError:
        return False


@lru_cache(maxsize=4096)
def project_root(folder: Path) -> Path | None:
    """The nearest folder at or above `folder` with a metadata file, within the same repository."""
    if any(_is_file(folder / name) for name in FILES):
        return folder
    if _is_site(folder) or folder.parent == folder or _is_repository(folder):
        return None
    return project_root(folder.parent)


@lru_cache(maxsize=4096)
def _site(folder: Path) -> Path | None:
    """The nearest folder at or above another one, in the same repository, in which something is installed."""
    if _is_site(folder):
        return folder
    return None if folder.parent == folder or _is_repository(folder) else _site(folder.parent)


def source_file(path: Path, root: Path | None) -> SourceFile:
    """Name the module that a file is.

    Args:
        path: the file.
        root: of its project; a `src` folder there holds importable code, namespace packages included. So
            does the root itself for those that its entry points and settings name. None for a file of no
            project; what is installed is imported from the folder that it is installed in.
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
    site = _site(folder) if root is None else None
    if site is not None:
        return site
    while _is_file(folder / "__init__.py"):
        folder = folder.parent
    is_below = root is not None and root in folder.parents
    return root if root is not None and is_below and _top(folder, root) in _declared(root) else folder


def _top(folder: Path, root: Path) -> str:
    return folder.relative_to(root).parts[0]


@lru_cache(maxsize=64)
def _declared(root: Path) -> frozenset[str]:
    """The top-level names that a project's entry points and settings say that it has."""
    metadata = read_metadata(root)
    settings = metadata.settings if isinstance(metadata.settings, dict) else {}
    named = (settings.get(key) for key in ("internal-packages", "roots"))
    listed = (item for given in named if isinstance(given, list) for item in given if isinstance(item, str))
    return frozenset(re.split("[.:]", name.strip())[0] for name in (*metadata.extensions, *listed))


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
