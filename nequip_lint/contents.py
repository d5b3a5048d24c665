"""The bytes of source files, or what stands in for them: fixes are judged before anything is written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

_REMEMBERED: ContextVar[dict[str, bytes] | None] = ContextVar("remembered", default=None)


def read_bytes(path: Path) -> bytes:
    """The bytes of a file, or those that stand in for it.

    Args:
        path: absolute where something may stand in.

    Raises:
        OSError: the file cannot be read.
    """
    files = _REMEMBERED.get()
    if files is None:
        return path.read_bytes()
    key = str(path)
    if key not in files:
        files[key] = path.read_bytes()
    return files[key]


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
