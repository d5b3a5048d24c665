"""Walk `ast` trees without the generators of the `ast` module, which cost several times as much."""

from __future__ import annotations

from ast import AST
from collections.abc import Iterator

_BARE = frozenset({"ctx", "op", "ops", "id", "attr", "arg", "kind", "level", "module", "type_comment"})
"""Fields that hold no expression or statement: operators, contexts, strings and numbers."""
_FIELDS: dict[type[AST], tuple[str, ...]] = {}
"""For each class of nodes the other fields, in source order."""


def children(node: AST) -> list[AST]:
    """The nodes directly below a node, in source order, operators and contexts left out."""
    found: list[AST] = []
    fields = _FIELDS.get(node.__class__)
    for field in _fields(node.__class__) if fields is None else fields:
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
        stack += children(node)


def _fields(kind: type[AST]) -> tuple[str, ...]:
    plain = () if kind.__name__ == "Constant" else kind._fields
    return _FIELDS.setdefault(kind, tuple(name for name in plain if name not in _BARE))
