"""Locks on files that tell whether their maker is still at work: a process that dies loses its locks."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_EXTRA = getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def new_locked(name: Callable[[], Path]) -> tuple[Path, int]:
    """A new file with a lock; returns its path and descriptor.

    Args:
        name: gives a path, and another one if a run took the file for abandoned before it was locked.

    Raises:
        OSError: if the file cannot be made.
    """
    while True:
        path = name()
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | _EXTRA, 0o666)
        if _lock(descriptor) is not False and os.fstat(descriptor).st_nlink:
            return path, descriptor
        os.close(descriptor)


def held(descriptor: int) -> int | None:
    """Another descriptor under the same lock, which stays when the first is closed; the caller closes it.

    ``None`` on Windows, where nothing is locked, and an open file cannot be moved.
    """
    return None if sys.platform == "win32" else os.dup(descriptor)


@contextlib.contextmanager
def abandoned(path: Path) -> Iterator[bool]:
    """Whether nobody holds the lock of a file. If so, this process holds it meanwhile.

    Never where the file system knows no locks.

    Raises:
        OSError: if there is no such file.
    """
    descriptor = os.open(path, os.O_RDWR | _EXTRA)
    try:
        yield _lock(descriptor) is True
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool | None:
    """Whether this process has the lock on a file now; ``None`` where the file system knows no locks."""
    if sys.platform == "win32":
        return None
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True
