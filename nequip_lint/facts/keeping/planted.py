"""Classes that functions make and put into a module, where pickle finds them in the same process."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.details.kept import Planted
from nequip_lint.facts.kind import Kind
from nequip_lint.facts.names import Names
from nequip_lint.facts.objects.named_classes import makes_class
from nequip_lint.facts.site import Scope, Site
from nequip_lint.facts.terms import spot_of
from nequip_lint.source.nodes import walk

_REDUCING = frozenset({"__reduce__", "__reduce_ex__"})


class PlantedClasses(Kind):
    """Every such class; files that say how their objects are pickled are left alone."""

    field = "planted"
    nodes = (ast.Assign, ast.Call)
    words = ("globals", "setattr", "__dict__", "vars")

    def visit(self, node: ast.Assign | ast.Call, site: Site, parent: ast.AST) -> None:
        """Keep where a class is put into a module."""
        scope = site.outermost
        if scope is None or site.is_inner or not _REDUCING.isdisjoint(self.file.spelled | self.file.strings):
            return
        if any(_is_class(value, scope, self.file.names) for value in _planted_by(node, scope)):
            self.found.append(Planted(spot_of(node, site)))


def plants(scope: Scope) -> bool:
    """Whether a function puts anything into a module under a name."""
    return any(True for node in walk(scope.node) for _ in _planted_by(node, scope))


def _planted_by(node: ast.AST, scope: Scope) -> Iterator[ast.expr]:
    """What a statement or a call puts into a module under a name."""
    match node:
        case ast.Assign(targets=[ast.Subscript(value=owner)], value=value) if _is_table(owner, scope):
            yield value
        case ast.Call(func=ast.Name(id="setattr"), args=[owner, _, value]) if _is_module(
            _meant(owner, scope)
        ):
            yield value
        case ast.Call(func=ast.Attribute(value=owner, attr="setdefault"), args=[_, value]):
            yield from [value] if _is_table(owner, scope) else ()
        case ast.Call(func=ast.Attribute(value=owner, attr="update"), args=[ast.Dict(values=values)]):
            yield from values if _is_table(owner, scope) else ()


def _meant(node: ast.expr, scope: Scope) -> ast.AST:
    """What a local name is bound to once; else the expression itself."""
    values = scope.values.get(node.id, ()) if isinstance(node, ast.Name) else ()
    return values[0] if len(values) == 1 else node


def _is_table(node: ast.expr, scope: Scope) -> bool:
    """Whether an expression is the dictionary of a module."""
    match _meant(node, scope):
        case ast.Call(func=ast.Name(id="globals"), args=[]):
            return True
        case ast.Call(func=ast.Name(id="vars"), args=[owner]):
            return _is_module(_meant(owner, scope))
        case ast.Attribute(value=owner, attr="__dict__"):
            return _is_module(_meant(owner, scope))
    return False


def _is_module(node: ast.AST) -> bool:
    match node:
        case ast.Subscript(value=owner):
            return dotted(owner).endswith("modules")
        case ast.Call(func=function):
            return dotted(function).endswith("import_module")
    return False


def _is_class(node: ast.expr, scope: Scope, names: Names) -> bool:
    values = scope.values.get(node.id, ()) if isinstance(node, ast.Name) else (node,)
    return any(isinstance(item, ast.ClassDef) or makes_class(item, names) for item in values)
