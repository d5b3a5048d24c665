"""Statements put first in the body of a function."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from nequip_lint.editing.base import Declined
from nequip_lint.facts.lines import first_line
from nequip_lint.fixes.scopes import Function
from nequip_lint.fixes.source import Source, Splices


def insert_first(source: Source, splices: Splices, function: Function, statements: Sequence[str]) -> None:
    """Put statements before all others of a function, but behind its docstring.

    Raises:
        Declined: the function's body shares a line with something else.
    """
    docstring = ast.get_docstring(function, clean=False) is not None
    if docstring and len(function.body) == 1:
        raise Declined(f"{function.name} has nothing but a docstring")
    start = function.body[1 if docstring else 0]
    line = first_line(start)
    if function.body[0].lineno == _header_end(source, function):
        if docstring:
            raise Declined(f"{function.name} is written in one line with its docstring")
        _unfold(source, splices, function, statements)
        return
    if docstring and line == (function.body[0].end_lineno or 0):
        raise Declined(f"the docstring of {function.name} shares its line with a statement")
    margin = source.lines[line - 1][: start.col_offset]
    while source.lines[line - 2].strip()[:1] == "#":
        line -= 1
    gap = "" if isinstance(start, ast.Import | ast.ImportFrom) else "\n"
    text = "".join(f"{margin}{statement}\n" for statement in statements) + gap
    splices.replace_lines(line, line, text)


def _header_end(source: Source, function: Function) -> int:
    """The last line of `def …:`, where the body begins on the same one; else some line before the body."""
    first = function.body[0]
    start = Splices(source).offset(first.lineno, first.col_offset)
    before = source.text[:start].rpartition("\n")[2]
    return first.lineno if before.strip() else first.lineno - 1


def _unfold(source: Source, splices: Splices, function: Function, statements: Sequence[str]) -> None:
    """Give the body of a function in one line, `def f(): return 1`, lines of its own."""
    start, _ = splices.span(function.body[0])
    while source.text[start - 1] in " \t":
        start -= 1
    text, head = source.text, splices.offset(function.lineno, function.col_offset)
    margin = text[text.rfind("\n", 0, head) + 1 : head] + "    "
    body = "".join(f"\n{margin}{statement}" for statement in statements)
    end, _ = splices.span(function.body[0])
    splices.replace(start, end, f"{body}\n\n{margin}")
