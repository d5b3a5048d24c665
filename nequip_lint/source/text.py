"""Read a source file as Python does: encoding cookie, byte order mark, universal newlines."""

from __future__ import annotations

import codecs
import io
import re
import warnings
from typing import NamedTuple

from nequip_lint.values import Span


class Problem(NamedTuple):
    """Why a file has no tree."""

    reason: str
    span: Span = Span(1, 1, 1, 1)


_SLOW = ("idna", "punycode")
"""Encodings of domain names, in which no source is written: reading them takes the square of the length."""


_DOTS = 5_000
_IMPORTED = re.compile(r"\b(?:import|from)[ \t][\w., \t]*(?:\\\n[\w., \t]*)*")


def names_too_much(text: str) -> bool:
    """Whether an import names more than any file does: Python's parser takes the square of a name's length.

    Args:
        text: of a source file.
    """
    return text.count(".") > _DOTS and any(found[0].count(".") > _DOTS for found in _IMPORTED.finditer(text))


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
        if codecs.lookup(encoding).name in _SLOW:
            return Problem(f"cannot be decoded: {encoding} is no encoding of source files")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of `unicode_escape`, about backslashes
            return io.TextIOWrapper(io.BytesIO(data), encoding, newline=None).read()
    except (SyntaxError, LookupError, ValueError) as error:
        return Problem(f"cannot be decoded: {error}")


def _first_lines(data: bytes) -> bytes:
    """The two lines in which an encoding cookie counts."""
    second = data.find(b"\n") + 1
    return data[: data.find(b"\n", second) + 1 or None] if second else data
