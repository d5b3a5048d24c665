"""What classes say of themselves: the module they are of, and their fields; and annotations as strings."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.details.wording import Field, Moved
from nequip_lint.facts.kind import AT_IMPORT, File, Kind
from nequip_lint.facts.site import Function, Site
from nequip_lint.facts.terms import last_name, spot_of
from nequip_lint.source.nodes import walk


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
    """The annotated names of classes, and annotations of functions, that are strings at run time."""

    field = "fields"
    nodes = (ast.AnnAssign, ast.Call, ast.FunctionDef, ast.AsyncFunctionDef)
    functions = AT_IMPORT

    def __init__(self, file: File) -> None:
        super().__init__(file)
        self._given: dict[str, list[str]] = {}

    def visit(self, node: ast.AnnAssign | ast.Call | Function, site: Site, parent: ast.AST) -> None:
        """Keep the annotations of a field or a function; note what calls are given."""
        scope = site.scope
        if isinstance(node, ast.Call):
            function = node.func.func if isinstance(node.func, ast.Call) else node.func
            for item in node.args:
                if isinstance(item, ast.Name):
                    self._given.setdefault(item.id, []).append(self.file.full(dotted(function)))
        elif isinstance(node, Function):
            for name, annotation in _annotated(node):
                self._keep(name, annotation, node, site)
        elif scope is not None and isinstance(scope.node, ast.ClassDef) and isinstance(node.target, ast.Name):
            self._keep(node.target.id, node.annotation, scope.node, site)

    def _keep(self, name: str, annotation: ast.expr, owner: ast.ClassDef | Function, site: Site) -> None:
        if written := _written(annotation, self.file):
            called = (item.func if isinstance(item, ast.Call) else item for item in owner.decorator_list)
            decorators = tuple(self.file.full(dotted(item)) for item in called)
            is_method = isinstance(owner, Function) and site.owner
            shown = f"{site.owner}.{owner.name}" if is_method else owner.name
            spot = spot_of(annotation, site)._replace(owner=shown)
            field = Field(spot, name, written, decorators, _names_in(written), isinstance(owner, Function))
            self.found.append(field)

    def facts(self) -> tuple[Field, ...]:
        """Every field, and the annotations of functions that are given to something."""
        every = (
            item._replace(decorators=(*item.decorators, *self._given.get(item.spot.owner, ())))
            for item in self.found
        )
        return tuple(item for item in every if item.decorators or not item.is_of_function)


def _annotated(node: Function) -> Iterator[tuple[str, ast.expr]]:
    """The annotations of a function, its result last, as `return`."""
    given = node.args
    rest = [item for item in (given.vararg, given.kwarg) if item is not None]
    for item in (*given.posonlyargs, *given.args, *given.kwonlyargs, *rest):
        yield from [(item.arg, item.annotation)] if item.annotation is not None else ()
    yield from [("return", node.returns)] if node.returns is not None else ()


def _names_in(annotation: str) -> frozenset[str]:
    """The names that are looked up to tell what an annotation means; none where it cannot be read."""
    try:
        tree = ast.parse(annotation, mode="eval")
    except SyntaxError:
        return frozenset()
    return frozenset(node.id for node in walk(tree) if isinstance(node, ast.Name))


def _written(node: ast.expr, file: File) -> str:
    """The string that an annotation is at run time; '' where it is evaluated."""
    if file.postpones_annotations:
        return ast.unparse(node)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
