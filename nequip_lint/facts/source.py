"""Read a source file as Python does: encoding cookie, byte order mark, universal newlines."""

from __future__ import annotations

import io
from typing import NamedTuple

from nequip_lint.values import Span


class Problem(NamedTuple):
    """Why a file has no tree."""

    reason: str
    span: Span = Span(1, 1, 1, 1)


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
