"""Syntax that some Python from 3.10 on does not have, and the first Python that has it.

A Python older than that cannot parse the file at all: what is found here depends on the running Python.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator

from nequip_lint.facts.details.syntax import Syntax
from nequip_lint.facts.syntax.fstrings import refused_before
from nequip_lint.source.nodes import walk
from nequip_lint.source.positions import span_of
from nequip_lint.values import Span

_Found = tuple[str, tuple[int, int], Span]
_SUSPECT = {
    (3, 11): (
        r"except[^\S\n]*\*",
        r"\[(?<=[\w\])}]\[)(?:[^\]]*,)?\s*\*[^*\s]",
        r":[^\S\n]*\*[^\S\n]*[A-Za-z_(]",
    ),
    (3, 12): (r"def +\w+\s*\[", r"class +\w+\s*\[", r"type +\w+\s*[=\[]"),
    (3, 14): (
        r"except [^(\n]*,",
        r"except[^\S\n]*\([^()\n]*\)[^\S\n]*,",
        r"t[rR]?['\"]",
        r"T[rR]?['\"]",
        r"r[tT]['\"]",
        r"R[tT]['\"]",
    ),
}
"""Without any of these no node is of the kinds below. Each starts with a fixed character, for speed."""
_PATTERNS = [
    re.compile(pattern)
    for since, patterns in _SUSPECT.items()
    if sys.version_info >= since
    for pattern in patterns
]


def newer_syntax(tree: ast.Module, text: str) -> Iterator[Syntax]:
    """Each such piece of syntax, in source order.

    Args:
        tree: the module.
        text: its source.
    """
    suspect = any(pattern.search(text) for pattern in _PATTERNS)
    found = [item for node in walk(tree) for item in _of(node, text)] if suspect else []
    if sys.version_info >= (3, 12):
        found += ((name, (3, 12), span) for name, span in refused_before(text))
    found.sort(key=lambda item: item[2])
    return (Syntax(span, name, since) for name, since, span in found)


def _of(node: ast.AST, text: str) -> Iterator[_Found]:
    """What a node uses: name, first Python, and an expression's place."""
    kind = type(node).__name__
    if kind == "TryStar":
        handler: ast.ExceptHandler = node.handlers[0]  # type: ignore[attr-defined]
        assert handler.type is not None, "except* has a type"
        yield "except*", (3, 11), span_of(handler.type)
    elif isinstance(node, ast.Subscript):
        yield from _index(node, text)
    elif isinstance(node, ast.arguments) and node.vararg is not None:
        if isinstance(node.vararg.annotation, ast.Starred):
            yield "a starred annotation of *args", (3, 11), span_of(node.vararg.annotation.value)
    elif kind == "TypeAlias":
        yield "a type statement", (3, 12), span_of(node.name)  # type: ignore[attr-defined]
    elif kind == "TemplateStr":
        yield "a template string", (3, 14), span_of(node)  # type: ignore[arg-type]
    elif isinstance(node, ast.ExceptHandler):
        yield from _handler(node, text)
    yield from _parameters(node)


def _index(node: ast.Subscript, text: str) -> Iterator[_Found]:
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else ()
    starred = next((item for item in parts if isinstance(item, ast.Starred)), None)
    if starred is not None and not _is_in_parentheses(node.slice, text):
        yield "a starred expression in an index", (3, 11), span_of(starred.value)


def _handler(node: ast.ExceptHandler, text: str) -> Iterator[_Found]:
    if isinstance(node.type, ast.Tuple) and node.type.elts and not _is_in_parentheses(node.type, text):
        yield "except with several types and no parentheses", (3, 14), span_of(node.type)


def _is_in_parentheses(node: ast.expr, text: str) -> bool:
    """Whether a tuple has parentheses of its own, which its region includes as it does those of its parts.

    They do not all close before the comma after the first part: `((a), b)`, and not `(a), b`.
    """
    if not isinstance(node, ast.Tuple):
        return False
    first = node.elts[0]
    if (first.lineno, first.col_offset) == (node.lineno, node.col_offset):
        return False
    opened = _between(text, (node.lineno, node.col_offset), (first.lineno, first.col_offset)).count("(")
    end = (first.end_lineno or first.lineno, first.end_col_offset or 0)
    after = _between(text, end, (node.end_lineno or node.lineno, node.end_col_offset or 0))
    return after.partition(",")[0].count(")") < opened


def _between(text: str, start: tuple[int, int], end: tuple[int, int]) -> str:
    """The text between two places, lines from 1 and columns in bytes, without comments."""
    lines = [line.encode() for line in text.split("\n")[start[0] - 1 : end[0]]]
    lines[-1] = lines[-1][: end[1]]
    lines[0] = lines[0][start[1] :]
    return re.sub(r"#[^\n]*", "", b"\n".join(lines).decode(errors="replace"))


_STARS = {"TypeVar": 0, "TypeVarTuple": 1, "ParamSpec": 2}


def _parameters(node: ast.AST) -> Iterator[_Found]:
    given: list[ast.expr] = getattr(node, "type_params", [])
    if given and type(node).__name__ != "TypeAlias":
        first = given[0]
        name: str = first.name  # type: ignore[attr-defined]
        column = first.col_offset + 1 + _STARS[type(first).__name__]
        yield (
            "a list of type parameters",
            (3, 12),
            Span(first.lineno, column, first.lineno, column + len(name.encode())),
        )
    for item in given:
        default = getattr(item, "default_value", None)
        if default is not None:
            yield "a default of a type parameter", (3, 13), span_of(default)
