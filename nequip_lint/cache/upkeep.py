"""The folders of caches: each version of the facts code has its own, and removes what nobody uses any more.

A folder of ours has a mark, a file with a text that we alone write. Its date says when that version last
ran, to the day; that of a file with facts, when the project was last linted. What was not used for a month
is removed: our own files in marked folders, and never anything else.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from nequip_lint.cache.store import DRAFT, SUFFIX

MARK = "CACHEDIR.TAG"
_TEXT = b"""\
Signature: 8a477f597d28d172789f06886806bc55
# Facts that nequip-lint keeps between runs. It removes the files of this folder when they were not used
# for a month. The first line tells backup programs to leave the folder out: https://bford.info/cachedir/
"""
_DAY = 86_400
_MONTH = 30 * _DAY
_HOUR = 3_600


def use(file: Path) -> None:
    """Note that a file with facts is used, and once a day look for what nobody uses.

    Args:
        file: in the folder of this version.
    """
    with suppress(OSError):
        _touch(file)
        if _touch(file.parent / MARK):
            _sweep(file.parent.parent)


def make_folder(folder: Path) -> None:
    """Make a folder with our mark; one that is new looks for others that nobody uses.

    Raises:
        OSError: it cannot be made, or is a link.
    """
    if folder.is_symlink():
        raise OSError(f"{folder} is a link")
    folder.mkdir(parents=True, exist_ok=True)
    if _mark(folder / MARK):
        _sweep(folder.parent)


def _mark(file: Path) -> bool:
    """Write a mark where there is none; whether it was done."""
    try:
        target = file.open("xb")
    except FileExistsError:
        return False
    with target:
        try:
            target.write(_TEXT)
            target.flush()
        except OSError:
            file.unlink()
            raise
    return True


def _touch(file: Path) -> bool:
    """Date a regular file to now, at most once a day; whether it was done."""
    found = os.lstat(file)
    is_due = stat.S_ISREG(found.st_mode) and time.time() - found.st_mtime > _DAY
    if is_due:
        os.utime(file)
    return is_due


def _age(file: Path) -> float:
    return time.time() - os.lstat(file).st_mtime


def _sweep(base: Path) -> None:
    for folder in _marked(base):
        with suppress(OSError):
            _clear(folder)


def _marked(base: Path) -> Iterator[Path]:
    """The folders with our mark; a link is no folder, and no mark."""
    with suppress(OSError), os.scandir(base) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False) and _is_marked(Path(entry.path)):
                yield Path(entry.path)


def _is_marked(folder: Path) -> bool:
    mark = folder / MARK
    try:
        found = os.lstat(mark)
        return stat.S_ISREG(found.st_mode) and found.st_size == len(_TEXT) and mark.read_bytes() == _TEXT
    except OSError:
        return False


def _clear(folder: Path) -> None:
    """Remove our files that are not used, and the folder where nothing but its old mark is left."""
    is_unused = _age(folder / MARK) > _MONTH
    for path in _own(folder):
        limit = _HOUR if path.suffix == DRAFT else _MONTH
        if is_unused or _age(path) > limit:
            path.unlink()
    if is_unused and os.listdir(folder) == [MARK]:  # noqa: PTH208  names, not paths
        (folder / MARK).unlink()
        folder.rmdir()


def _own(folder: Path) -> list[Path]:
    """The files that we write there, by their kind and name."""
    with os.scandir(folder) as entries:
        return [
            Path(entry.path)
            for entry in entries
            if entry.name.endswith((SUFFIX, DRAFT)) and entry.is_file(follow_symlinks=False)
        ]
