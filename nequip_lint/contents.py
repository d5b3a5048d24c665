"""The bytes of source files, or what stands in for them: fixes are judged before anything is written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path

from nequip_lint import disk

_REMEMBERED: ContextVar[dict[str, bytes] | None] = ContextVar("remembered", default=None)


def read_bytes(path: Path) -> bytes:
    """The bytes of a file, or those that stand in for it.

    Args:
        path: absolute where something may stand in.

    Raises:
        OSError: the file cannot be read, or is no regular file.
    """
    files = _REMEMBERED.get()
    if files is None:
        return disk.read(path)
    key = str(path)
    if key not in files:
        files[key] = disk.read(path)
    return files[key]


def read_again(path: Path) -> bytes:
    """The same bytes as one object while the file does not change, for many questions about one file.

    Args:
        path: absolute where something may stand in.

    Raises:
        OSError: the file cannot be read, or is no regular file.
    """
    if _REMEMBERED.get() is not None:
        return read_bytes(path)
    found = path.stat()
    return _unchanged(path, (found.st_ino, found.st_mtime_ns, found.st_size))


@lru_cache(maxsize=2)
def _unchanged(path: Path, stamp: tuple[int, ...]) -> bytes:
    return disk.read(path)


@contextmanager
def remembered(files: dict[str, bytes]) -> Iterator[None]:
    """Let some bytes stand in for files, and remember those of each other file as it is first read.

    Args:
        files: the bytes by absolute path; grows.
    """
    token = _REMEMBERED.set(files)
    try:
        yield
    finally:
        _REMEMBERED.reset(token)
