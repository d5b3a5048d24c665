"""Assignments that outlive the statement, and what classes say of themselves."""

from __future__ import annotations

import ast

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.details import Assigned, Field, Moved
from nequip_lint.facts.kind import File, Kind
from nequip_lint.facts.site import Scope, Site
from nequip_lint.facts.terms import last_name, spot_of

_Assignment = ast.Assign | ast.AnnAssign | ast.AugAssign


class Assignments(Kind):
    """What is set at import on something imported, and in functions on whatever outlives them.

    A function that keeps the old value in a local name puts it back.
    """

    field = "assigned"
    nodes = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Global)

    def __init__(self, file: File) -> None:
        super().__init__(file)
        self._lasting = file.bound | file.names.keys()
        self._declared: set[tuple[Scope | None, str]] = set()

    def visit(self, node: _Assignment | ast.Global, site: Site, parent: ast.AST) -> None:
        """Keep the targets that outlive the statement; note the names that are declared `global`."""
        if isinstance(node, ast.Global):
            self._declared.update((site.outermost, name) for name in node.names)
            return
        for target in _targets(node) if node.value is not None else ():
            owner = target
            while isinstance(owner, ast.Subscript):
                owner = owner.value
            name = _of_class(owner) or dotted(owner)
            if name and self._outlives(name, owner, target, site):
                is_item = owner is not target
                self.found.append(Assigned(spot_of(target, site), self.file.full(name), is_item))

    def _outlives(self, name: str, owner: ast.expr, target: ast.expr, site: Site) -> bool:
        head, dot, _ = name.partition(".")
        scope = site.outermost
        if scope is None:
            return isinstance(target, ast.Attribute) and head in self.file.names
        is_global = (scope, head) in self._declared
        is_part = owner is not target or bool(dot)
        if not is_global and not (is_part and (head == "cls" or head in self._lasting)):
            return False
        return not scope.saves(name) and (is_global or head == "cls" or not scope.assigns(head))


def _targets(node: _Assignment) -> list[ast.expr]:
    return node.targets if isinstance(node, ast.Assign) else [node.target]


def _of_class(node: ast.expr) -> str:
    """`cls.x` for `type(self).x` and `self.__class__.x`."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Call):
        call = node.value
        if dotted(call.func) == "type" and [dotted(item) for item in call.args] == ["self"]:
            return f"cls.{node.attr}"
    name = dotted(node)
    return name.replace("self.__class__", "cls", 1) if name.startswith("self.__class__.") else ""


class MovedClasses(Kind):
    """The classes whose `__module__` is set to a name that is written out, or to `__package__`."""

    field = "moved"
    nodes = (ast.Assign,)
    words = ("__module__",)

    def visit(self, node: ast.Assign, site: Site, parent: ast.AST) -> None:
        """Keep a class that is moved in its body, or after it."""
        scope = site.scope
        for target in node.targets if not site.function else ():
            if last_name(target) != "__module__":
                continue
            inside = scope.node.name if scope is not None and isinstance(scope.node, ast.ClassDef) else ""
            name = dotted(target).removesuffix("__module__").removesuffix(".") or inside
            module = _literal_module(node.value)
            if module and (name == inside or name in self.file.classes):
                self.found.append(Moved(spot_of(node, site), name, module))


def _literal_module(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return "__package__" if dotted(node) == "__package__" else ""


class Fields(Kind):
    """The fields of dataclasses whose annotations are strings at run time."""

    field = "fields"
    nodes = (ast.AnnAssign,)
    words = ("dataclass",)

    def visit(self, node: ast.AnnAssign, site: Site, parent: ast.AST) -> None:
        """Keep a field."""
        written = _written(node.annotation, self.file) if self._is_field(node, site.scope) else ""
        if written:
            spot = spot_of(node.annotation, site)
            self.found.append(Field(spot, dotted(node.target), written))

    def _is_field(self, node: ast.AnnAssign, scope: Scope | None) -> bool:
        if scope is None or not isinstance(scope.node, ast.ClassDef) or not isinstance(node.target, ast.Name):
            return False
        return any(map(self._is_dataclass, scope.node.decorator_list))

    def _is_dataclass(self, node: ast.expr) -> bool:
        function = node.func if isinstance(node, ast.Call) else node
        return self.file.full(dotted(function)) == "dataclasses.dataclass"


def _written(node: ast.expr, file: File) -> str:
    """The string that an annotation is at run time; '' where it is evaluated."""
    if file.postpones_annotations:
        return ast.unparse(node)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
