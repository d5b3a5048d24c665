"""What only people read: messages of exceptions, warnings, logs and assertions."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from nequip_lint.facts.site import Scope, Site
from nequip_lint.facts.terms import last_name
from nequip_lint.source.nodes import every, walk

_TELLING = re.compile(r"(?:\A|_)(?:print|warn|debug|info|warning|error|critical|exception|log|fail)(?:_|\Z)")
"""Functions that tell a text to people, by their names."""


class Messages:
    """Tells which expressions of a file only messages are made of."""

    def __init__(self) -> None:
        self._told: set[ast.AST] = set()
        self._within: dict[Scope, frozenset[ast.AST]] = {}

    def note(self, node: ast.AST) -> None:
        """Take in a statement or a call of the walk."""
        self._told.update(_told_in(node))

    def tell(self, node: ast.AST, site: Site) -> bool:
        """Whether an expression is a part of a message, also by way of local names.

        Args:
            node: the expression; what is around it has been noted.
            site: where it stands.
        """
        if node in self._told:
            return True
        scope = site.outermost
        if scope is None:
            return False
        if scope not in self._within:
            self._within[scope] = frozenset(_told_by_name(every(scope.node)))
        return node in self._within[scope]


def _told_in(node: ast.AST) -> Iterable[ast.AST]:
    """The nodes of the messages in a statement or a call."""
    kind = node.__class__
    if kind is ast.Call and isinstance(node, ast.Call):
        return walk(node) if _TELLING.search(last_name(node.func)) else ()
    if kind is ast.Assert and isinstance(node, ast.Assert) and node.msg is not None:
        return walk(node.msg)
    return walk(node) if kind is ast.Raise else ()


def _told_by_name(nodes: list[ast.AST]) -> Iterator[ast.AST]:
    """What a function binds to names of which it makes messages and asks only whether they are empty."""
    told = {item for node in nodes for item in (*_told_in(node), *_asked_in(node))}
    values = list(_values(nodes))
    names = {name for name, _ in values}
    while True:
        inside = told.union(*(walk(value) for name, value in values if name in names))
        others = {
            node.id
            for node in nodes
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node not in inside
        }
        if names.isdisjoint(others):
            yield from inside - told
            return
        names -= others


def _asked_in(node: ast.AST) -> Iterator[ast.AST]:
    """The name of which a test asks only whether it is empty."""
    test = node.test if isinstance(node, ast.If | ast.While | ast.IfExp | ast.Assert) else None
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        test = test.operand
    if isinstance(test, ast.Name):
        yield test


def _values(nodes: list[ast.AST]) -> Iterator[tuple[str, ast.expr]]:
    for node in nodes:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AugAssign(target=ast.Name(id=name), value=value)
            ):
                yield name, value
