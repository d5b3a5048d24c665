"""What the code of a module and of its functions does: the facts from which is told when it runs."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Any

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.constructed import looks_like_class
from nequip_lint.facts.details import Body
from nequip_lint.facts.kind import AT_IMPORT, File, Kind
from nequip_lint.facts.site import Function, Site
from nequip_lint.facts.spans import span_of
from nequip_lint.facts.walk import walk
from nequip_lint.values import Span


class Bodies(Kind):
    """The functions and methods that no other function surrounds, and the code of the module itself."""

    field = "bodies"
    nodes = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Name, ast.Attribute, ast.Call)
    functions = AT_IMPORT

    def __init__(self, file: File) -> None:
        super().__init__(file)
        self._at_import: list[ast.AST] = []

    def visit(self, node: ast.AST, site: Site, parent: ast.AST) -> None:
        """Keep a function; note what the module evaluates itself."""
        if not isinstance(node, Function):
            self._at_import.append(node)
            return
        called = [item.func if isinstance(item, ast.Call) else item for item in node.decorator_list]
        nodes = (item for item in walk(node) if item is not node)
        self.found.append(_body(site.owner, node.name, span_of(node), tuple(map(dotted, called)), nodes))

    def facts(self) -> tuple[Body, ...]:
        """The functions, then the module."""
        return (*self.found, _body("", "", Span(1, 1, 1, 1), (), self._at_import))


def _body(owner: str, name: str, span: Span, decorators: tuple[str, ...], nodes: Iterable[ast.AST]) -> Body:
    names: set[str] = set()
    reads: set[str] = set()
    stores: set[str] = set()
    calls: list[tuple[str, int]] = []
    for node in nodes:
        if isinstance(node, ast.Name):
            names.add(node.id)
            if isinstance(node.ctx, ast.Load):
                reads.add(node.id)
        elif isinstance(node, ast.Attribute):
            _attribute(node, names, reads, stores)
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            stores.add(_shown(node.value))
        elif isinstance(node, ast.Global):
            stores.update(node.names)
        elif isinstance(node, ast.Call):
            reads.update(_asked(node))
            if called := dotted(node.func):
                calls.append((called, node.lineno))
    return Body(
        owner, name, span, decorators, frozenset(names), frozenset(reads), frozenset(stores), tuple(calls)
    )


def _attribute(node: ast.Attribute, names: set[str], reads: set[str], stores: set[str]) -> None:
    full = _shown(node)
    if full.partition(".")[0] in ("self", "cls") and full.count(".") == 1:
        names.add(f"self.{node.attr}")
    if isinstance(node.ctx, ast.Load):
        reads.add(full)
    elif isinstance(node.ctx, ast.Store):
        stores.add(full)


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
