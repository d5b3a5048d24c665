"""Walk `ast` trees without the generators of the `ast` module, which cost several times as much."""

from __future__ import annotations

import ast
from ast import AST
from collections.abc import Callable, Iterator
from typing import Any

_BARE = frozenset({"ctx", "op", "ops", "id", "attr", "arg", "kind", "level", "module", "type_comment"})
"""Fields that hold no expression or statement: operators, contexts, strings and numbers."""
_FIELDS: dict[type[AST], tuple[str, ...]] = {}
"""For each class of nodes the other fields, in source order."""
_COMMON: dict[type[AST], Callable[[Any], list[AST]]] = {
    ast.Name: lambda node: [],
    ast.Constant: lambda node: [],
    ast.Attribute: lambda node: [node.value],
    ast.Call: lambda node: [node.func, *node.args, *node.keywords],
    ast.keyword: lambda node: [node.value],
    ast.Expr: lambda node: [node.value],
    ast.Assign: lambda node: [*node.targets, node.value],
    ast.Subscript: lambda node: [node.value, node.slice],
    ast.Tuple: lambda node: [*node.elts],
    ast.List: lambda node: [*node.elts],
    ast.BinOp: lambda node: [node.left, node.right],
    ast.UnaryOp: lambda node: [node.operand],
    ast.BoolOp: lambda node: [*node.values],
    ast.Compare: lambda node: [node.left, *node.comparators],
    ast.JoinedStr: lambda node: [*node.values],
}
"""The nodes below those classes of nodes that make up most of a tree."""


def children(node: AST) -> list[AST]:
    """The nodes directly below a node, in source order, operators and contexts left out."""
    common = _COMMON.get(node.__class__)
    return _below(node) if common is None else common(node)


def _below(node: AST) -> list[AST]:
    found: list[AST] = []
    for field in _FIELDS.get(node.__class__) or _fields(node.__class__):
        value = getattr(node, field, None)
        if value.__class__ is list:
            found += [item for item in value if isinstance(item, AST)]
        elif isinstance(value, AST):
            found.append(value)
    return found


def walk(node: AST) -> Iterator[AST]:
    """A node and every node below it, in no particular order."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        common = _COMMON.get(node.__class__)
        stack += _below(node) if common is None else common(node)


def every(node: AST) -> list[AST]:
    """A node, the first, and every node below it, in the order of `walk`."""
    found, stack = [], [node]
    while stack:
        node = stack.pop()
        found.append(node)
        common = _COMMON.get(node.__class__)
        stack += _below(node) if common is None else common(node)
    return found


def _fields(kind: type[AST]) -> tuple[str, ...]:
    return _FIELDS.setdefault(kind, tuple(name for name in kind._fields if name not in _BARE))
