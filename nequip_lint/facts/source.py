"""Read a source file as Python does: encoding cookie, byte order mark, universal newlines."""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path
from typing import NamedTuple

from nequip_lint.values import Span

_NO_WAITING = getattr(os, "O_NONBLOCK", 0)


class Problem(NamedTuple):
    """Why a file has no tree."""

    reason: str
    span: Span = Span(1, 1, 1, 1)


def read(path: Path) -> bytes:
    """The bytes of a file; never waits for a pipe or reads a device.

    Args:
        path: of the file, or of a link to it.

    Raises:
        OSError: it cannot be read, or is no regular file.
    """
    handle = os.open(path, os.O_RDONLY | _NO_WAITING)
    with open(handle, "rb") as opened:  # noqa: PTH123  a descriptor, not a path
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(0, "it is no regular file")
        return opened.read()


def decode(data: bytes) -> str | Problem:
    """The text of a source file, newlines normalised as the compiler does.

    Args:
        data: the bytes of the file.
    """
    if data.isascii() and b"\r" not in data and b"coding" not in _first_lines(data):
        return data.decode("ascii")
    import tokenize

    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = io.TextIOWrapper(io.BytesIO(data), encoding, newline=None).read()
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        return Problem(f"cannot be decoded: {error}")
    return text


def _first_lines(data: bytes) -> bytes:
    """The two lines in which an encoding cookie counts."""
    second = data.find(b"\n") + 1
    return data[: data.find(b"\n", second) + 1 or None] if second else data
