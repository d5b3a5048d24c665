"""The classes and functions at the top of a module, decorators that run at import, and model modifiers."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from nequip_lint.facts.conditions import condition_of, dotted
from nequip_lint.facts.constructed import constructed_in
from nequip_lint.facts.kind import AT_IMPORT, Kind
from nequip_lint.facts.site import Function, Site
from nequip_lint.facts.values import ClassFact, Decoration, FunctionFact, Modifier
from nequip_lint.source.positions import header_of, span_of

MODIFIER = "model_modifier"
_PICKLING = frozenset({"__getstate__", "__reduce__", "__reduce_ex__", "__reduce_package__"})


class Classes(Kind):
    """The classes at module level."""

    field = "classes"
    nodes = (ast.ClassDef,)
    functions = AT_IMPORT

    def visit(self, node: ast.ClassDef, site: Site, parent: ast.AST) -> None:
        """Keep a class."""
        if not site.depth:
            decides = any(isinstance(item, Function) and item.name in _PICKLING for item in node.body)
            self.found.append(ClassFact(node.name, header_of(node), tuple(map(dotted, node.bases)), decides))


class Functions(Kind):
    """The functions at module level."""

    field = "functions"
    nodes = (ast.FunctionDef, ast.AsyncFunctionDef)
    functions = AT_IMPORT

    def visit(self, node: Function, site: Site, parent: ast.AST) -> None:
        """Keep a function."""
        if site.depth:
            return
        returned = node.body[-1]
        value = returned.value if isinstance(returned, ast.Return) else None
        returns = condition_of(value, self.file.names) if value is not None else None
        decorators = tuple(name for name in map(dotted, _called(node.decorator_list)) if name)
        constructs = constructed_in(node.body, self.file.names) if decorators else ()
        self.found.append(FunctionFact(node.name, header_of(node), decorators, constructs, returns))


class Decorations(Kind):
    """The decorators that are evaluated at import, those of methods included."""

    field = "decorations"
    nodes = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    functions = AT_IMPORT

    def visit(self, node: Function | ast.ClassDef, site: Site, parent: ast.AST) -> None:
        """Keep the decorators that have dotted names."""
        for item in node.decorator_list:
            name = dotted(*_called([item]))
            if name:
                self.found.append(Decoration(name, span_of(item), _keywords(item), node.name, site.place))


class Modifiers(Kind):
    """The methods of classes at module level that are nequip's model modifiers."""

    field = "modifiers"
    nodes = (ast.FunctionDef,)
    words = (MODIFIER,)
    functions = AT_IMPORT

    def visit(self, node: ast.FunctionDef, site: Site, parent: ast.AST) -> None:
        """Keep a method for each such decorator."""
        names = [dotted(item) for item in _called(node.decorator_list)] if site.depth == 1 else []
        for index, name in enumerate(names):
            if self.file.names.last(name) == MODIFIER:
                is_ordered = names[index + 1 : index + 2] == ["classmethod"]
                span = span_of(node.decorator_list[index])
                self.found.append(Modifier(site.owner, node.name, name, span, is_ordered))


def _called(decorators: Iterable[ast.expr]) -> list[ast.expr]:
    """The functions that decorate, whether they are given arguments or not."""
    return [item.func if isinstance(item, ast.Call) else item for item in decorators]


def _keywords(node: ast.expr) -> tuple[str, ...]:
    given = node.keywords if isinstance(node, ast.Call) else ()
    return tuple(item.arg for item in given if item.arg is not None)
