"""The tree of a source text, and why there is none."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable

from nequip_lint.source.text import Problem, names_too_much
from nequip_lint.values import Span

Parse = Callable[[str], ast.Module | Problem]


def parse(text: str) -> ast.Module | Problem:
    """The `ast` tree of a text; libcst is asked before a file is called broken.

    A libcst newer than this Python reads syntax that `ast` refuses; then the problem says that the
    file is valid but could not be checked on this Python.

    Args:
        text: as `decode` gives it.
    """
    if names_too_much(text):
        return Problem("cannot be parsed: an import names a module that no file can have")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except SyntaxError as error:
        line, column = error.lineno or 1, max(error.offset or 1, 1)
        span = Span(line, column, error.end_lineno or line, max(error.end_offset or column, column))
        return Problem(_explain(text, error.msg), span)
    except (ValueError, RecursionError, MemoryError) as error:
        return Problem(f"cannot be parsed: {str(error) or type(error).__name__}")


class Trees:
    """Trees for a second question about the same text, as far as the memory for them is small.

    Args:
        room: how many characters of text may have their trees kept.
    """

    def __init__(self, room: int) -> None:
        self._room = room
        self._trees: dict[str, ast.Module] = {}

    def parse(self, text: str) -> ast.Module | Problem:
        """As the function `parse`, once per text.

        Args:
            text: as `decode` gives it.
        """
        known = self._trees.get(text)
        if known is not None:
            return known
        tree = parse(text)
        if isinstance(tree, ast.Module) and len(text) <= self._room:
            self._room -= len(text)
            self._trees[text] = tree
        return tree


_DEEPEST, _LONGEST = 200, 5000
"""libcst's parser descends on the machine's stack and ends the process where that is full (libcst 1.9.0)."""


def is_too_deep(text: str) -> bool:
    """Whether brackets nest, or a line goes on, beyond what libcst is sure to survive.

    Args:
        text: of a file or a statement.
    """
    depth = deepest = 0
    for character in text:
        if character in "([{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in ")]}" and depth:
            depth -= 1
    return deepest > _DEEPEST or any(len(line) > _LONGEST for line in text.splitlines())


def _explain(text: str, message: str) -> str:
    if "too many" in message or is_too_deep(text):
        return f"is nested too deeply to be checked: {message}"
    import libcst

    try:
        libcst.parse_module(text)
    except (libcst.ParserSyntaxError, RecursionError):
        return f"is not valid Python: {message}"
    return f"uses syntax that is newer than the Python that runs nequip-lint ({message})"
