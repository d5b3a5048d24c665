"""Code that leaves a mark on something of others, and refuses to run where the mark is there."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.conduct.changing import owner_of
from nequip_lint.facts.details.state import Claim
from nequip_lint.facts.kind import File, Kind
from nequip_lint.facts.site import Site
from nequip_lint.facts.terms import last_name, spot_of
from nequip_lint.facts.tries import leaves
from nequip_lint.facts.variables import literal
from nequip_lint.source.nodes import walk

_Mark = tuple[str, str]
"""The object and the name of the mark, as they are written."""


class Claims(Kind):
    """Every such refusal in a function, and each `assert` at import that is one."""

    field = "claims"
    nodes = (ast.If, ast.Assert)
    words = ("raise", "assert")

    def __init__(self, file: File) -> None:
        super().__init__(file)
        self._left: dict[ast.AST, set[_Mark]] = {}

    def visit(self, node: ast.If | ast.Assert, site: Site, parent: ast.AST) -> None:
        """Keep a refusal whose function leaves the mark."""
        refuses = isinstance(node, ast.Assert) or (leaves(node.body) and isinstance(node.body[-1], ast.Raise))
        scope = site.outermost.node if site.outermost is not None else self.file.tree
        if not refuses or site.is_inner or (isinstance(node, ast.If) and site.outermost is None):
            return
        if scope not in self._left:
            self._left[scope] = set(self._marks(scope))
        for owner, name in self._asked(node.test):
            if (owner, name) in self._left[scope]:
                self.found.append(Claim(spot_of(node, site), owner))
                return

    def _asked(self, test: ast.expr) -> Iterator[_Mark]:
        for node in walk(test):
            match node:
                case ast.Call(func=ast.Name(id="hasattr" | "getattr"), args=[owner, name, *_]):
                    yield from self._mark(owner, name)
                case ast.Call(func=ast.Attribute(attr="get", value=owner), args=[name, *_]):
                    yield from self._mark(owner, name)
                case ast.Compare(left=name, ops=[ast.In() | ast.NotIn()], comparators=[owner]):
                    yield from self._mark(owner, name)
                case ast.Attribute(value=owner, attr=attribute):
                    yield from self._mark(owner, ast.Constant(attribute))

    def _marks(self, scope: ast.AST) -> Iterator[_Mark]:
        for node in walk(scope):
            match node:
                case ast.Call(func=ast.Name(id="setattr"), args=[owner, name, _]):
                    yield from self._mark(owner, name)
                case ast.Call(
                    func=ast.Attribute(attr="setdefault" | "add" | "append", value=owner), args=[name, *_]
                ):
                    yield from self._mark(owner, name)
                case ast.Attribute(value=owner, attr=attribute, ctx=ast.Store()):
                    yield from self._mark(owner, ast.Constant(attribute))
                case ast.Subscript(value=owner, slice=name, ctx=ast.Store()):
                    yield from self._mark(owner, name)

    def _mark(self, owner: ast.expr, name: ast.expr) -> Iterator[_Mark]:
        text = literal(name)
        shown = text if isinstance(text, str) else last_name(name)
        held = dotted(owner_of(owner, self.file.names))
        if held and shown:
            yield held, shown
