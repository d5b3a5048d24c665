"""Append an item to a list or to the arguments of a call, in the layout that these have."""

from __future__ import annotations

import ast
import re
from typing import NamedTuple

from nequip_lint.editing.splices import Splices

_COMMENT = re.compile(r"#[^\n]*")
Literal = ast.List | ast.Tuple | ast.Set


class Brackets(NamedTuple):
    """Where a bracketed sequence has its first place, its items, and its closing bracket."""

    first: int
    items: tuple[tuple[int, int], ...]
    close: int


def brackets_of(source: Splices, node: ast.expr) -> Brackets | None:
    """The brackets of a literal or a call; None for anything else, or where items stand in parentheses."""
    start, end = source.span(node)
    if isinstance(node, ast.Call):
        first = source.text.index("(", source.span(node.func)[1]) + 1
        given: list[ast.expr | ast.keyword] = [*node.args, *node.keywords]
        items = tuple(sorted(map(source.span, given)))
    elif isinstance(node, Literal):
        first, items = start + 1, tuple(source.span(item) for item in node.elts)
    else:
        return None
    tail = source.text[items[-1][1] if items else first : end - 1]
    return Brackets(first, items, end - 1) if _COMMENT.sub("", tail).strip() in ("", ",") else None


def append(source: Splices, brackets: Brackets, *new: str) -> None:
    """Insert items after the last one: on lines of their own where that one has it, comments kept."""
    first, items, close = brackets
    if not items:
        source.replace(first, close, ", ".join(new))
        return
    start, end = items[-1]
    comma = _comma(source.text, end, close)
    indent = source.text[_line_start(source.text, start) : start]
    if indent.strip():
        _append_inline(source, comma, end, close, ", ".join(new))
        return
    if comma is None:
        source.insert(end, ",")
    place = _line_end(source.text, end, close)
    lines = f",\n{indent}".join(new)
    source.insert(place, f"\n{indent}{lines}{'' if comma is None else ','}")


def _append_inline(source: Splices, comma: int | None, end: int, close: int, new: str) -> None:
    if comma is None:
        source.insert(end, f", {new}")
    elif source.text[comma + 1 : close].strip():
        source.insert(comma + 1, f" {new},")
    else:
        source.replace(comma + 1, close, f" {new}")


def _comma(text: str, end: int, close: int) -> int | None:
    """The comma after the last item, one in a comment aside."""
    bare = _COMMENT.sub(lambda match: " " * len(match[0]), text[end:close])
    found = bare.find(",")
    return None if found < 0 else end + found


def _line_start(text: str, place: int) -> int:
    return text.rfind("\n", 0, place) + 1


def _line_end(text: str, place: int, close: int) -> int:
    """The end of the line, a comment on it included, or the closing bracket if that comes first."""
    found = text.find("\n", place, close)
    return close if found < 0 else found
