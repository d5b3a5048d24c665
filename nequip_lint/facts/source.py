"""Read a source file as Python does: encoding cookie, byte order mark, universal newlines."""

from __future__ import annotations

import ast
import io
import warnings
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


def parse(text: str) -> ast.Module | Problem:
    """The `ast` tree of a text; libcst is asked before a file is called broken.

    A libcst newer than this Python reads syntax that `ast` refuses; then the problem says that the
    file is valid but could not be checked on this Python.
    """
    try:
        return _KEPT.tree(text)
    except SyntaxError as error:
        line, column = error.lineno or 1, max(error.offset or 1, 1)
        span = Span(line, column, error.end_lineno or line, max(error.end_offset or column, column))
        return Problem(_explain(text, error.msg), span)
    except (ValueError, RecursionError, MemoryError) as error:
        return Problem(f"cannot be parsed: {error or type(error).__name__}")


class _Trees:
    """Trees for a second question about the same text, as far as the memory for them is small."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._trees: dict[str, ast.Module] = {}

    def tree(self, text: str) -> ast.Module:
        known = self._trees.get(text)
        if known is not None:
            return known
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
        if len(text) <= self._room:
            self._room -= len(text)
            self._trees[text] = tree
        return tree


_KEPT = _Trees(room=2_000_000)
"""Some 50,000 lines; larger projects package a small part of theirs."""

_DEEPEST, _LONGEST = 200, 5000
"""libcst's parser descends on the machine's stack and ends the process where that is full (libcst 1.9.0)."""


def _is_too_deep(text: str) -> bool:
    """Whether brackets nest, or a line goes on, beyond what libcst is sure to survive."""
    depth = deepest = 0
    for character in text:
        if character in "([{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in ")]}" and depth:
            depth -= 1
    return deepest > _DEEPEST or any(len(line) > _LONGEST for line in text.splitlines())


def _explain(text: str, message: str) -> str:
    if "too many" in message or _is_too_deep(text):
        return f"is nested too deeply to be checked: {message}"
    import libcst

    try:
        libcst.parse_module(text)
    except (libcst.ParserSyntaxError, RecursionError):
        return f"is not valid Python: {message}"
    return f"uses syntax that is newer than the Python that runs nequip-lint ({message})"
