"""What the code of a module and of its functions does: the facts from which is told when it runs."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.constructed import looks_like_class
from nequip_lint.facts.details import Body
from nequip_lint.facts.kind import AT_IMPORT, File, Kind
from nequip_lint.facts.site import Function, Site
from nequip_lint.source.positions import span_of
from nequip_lint.values import Span

_MODULE = Span(1, 1, 1, 1)


class _Doing:
    """What some code does, as far as it has been walked."""

    def __init__(self, owner: str = "", name: str = "", span: Span = _MODULE) -> None:
        self._head = (owner, name, span)
        self.decorators: tuple[str, ...] = ()
        self._reads: set[str] = set()
        self._stores: set[str] = set()
        self._calls: list[tuple[str, int]] = []

    def name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self._reads.add(node.id)

    def attribute(self, node: ast.Attribute) -> None:
        full = _shown(node)
        if isinstance(node.ctx, ast.Load):
            self._reads.add(full)
        elif isinstance(node.ctx, ast.Store):
            self._stores.add(full)

    def subscript(self, node: ast.Subscript) -> None:
        if isinstance(node.ctx, ast.Store):
            self._stores.add(_shown(node.value))

    def declaration(self, node: ast.Global) -> None:
        self._stores.update(node.names)

    def call(self, node: ast.Call) -> None:
        self._reads.update(_asked(node))
        if called := dotted(node.func):
            self._calls.append((called, node.lineno))

    def body(self) -> Body:
        """All of it."""
        sets = (frozenset(self._reads), frozenset(self._stores))
        return Body(*self._head, self.decorators, *sets, tuple(self._calls))


_DOINGS: dict[type[ast.AST], Callable[[_Doing, Any], None]] = {
    ast.Name: _Doing.name,
    ast.Attribute: _Doing.attribute,
    ast.Subscript: _Doing.subscript,
    ast.Global: _Doing.declaration,
    ast.Call: _Doing.call,
}


class Bodies(Kind):
    """The functions and methods that no other function surrounds, and the code of the module itself."""

    field = "bodies"
    nodes = (ast.FunctionDef, ast.AsyncFunctionDef, *_DOINGS)

    def __init__(self, file: File) -> None:
        super().__init__(file)
        self._doings: dict[ast.AST | None, _Doing] = {None: _Doing()}

    def visit(self, node: ast.AST, site: Site, parent: ast.AST) -> None:
        """Note a function, or what one does."""
        if isinstance(node, Function):
            if site.outermost is None:
                self._doings[node] = doing = _Doing(site.owner, node.name, span_of(node))
                called = (item.func if isinstance(item, ast.Call) else item for item in node.decorator_list)
                doing.decorators = tuple(map(dotted, called))
            return
        outermost = site.outermost
        doing = self._doings[None if outermost is None else outermost.node]
        _DOINGS[node.__class__](doing, node)

    def facts(self) -> tuple[Body, ...]:
        """The module first."""
        return tuple(doing.body() for doing in self._doings.values())


def _shown(node: ast.expr) -> str:
    """A dotted name, with `?` for what has none."""
    return dotted(node) or (f"?.{node.attr}" if isinstance(node, ast.Attribute) else "?")


def _asked(node: ast.Call) -> Iterator[str]:
    """The attribute that `getattr` or `hasattr` is given as a literal."""
    if dotted(node.func) in ("getattr", "hasattr") and len(node.args) > 1:
        owner, given = node.args[:2]
        if isinstance(given, ast.Constant) and isinstance(given.value, str):
            yield f"{dotted(owner) or '?'}.{given.value}"


class Derived(Kind):
    """The classes with bases."""

    field = "derived"
    nodes = (ast.ClassDef,)
    functions = AT_IMPORT

    def visit(self, node: ast.ClassDef, site: Site, parent: ast.AST) -> None:
        """Keep a class."""
        if node.bases:
            self.found.append(node.name)

    def facts(self) -> Any:
        """Each class once."""
        return frozenset(self.found)


class Constructs(Kind):
    """The names that the file calls that look like classes."""

    field = "constructs"
    nodes = (ast.Call,)

    def visit(self, node: ast.Call, site: Site, parent: ast.AST) -> None:
        """Keep a name."""
        name = dotted(node.func)
        if looks_like_class(name):
            self.found.append(name)

    def facts(self) -> tuple[str, ...]:
        """Each name once."""
        return tuple(dict.fromkeys(self.found))
