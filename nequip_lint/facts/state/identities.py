"""Comparisons of objects, look-ups by objects, and the module-level objects that these are about."""

from __future__ import annotations

import ast

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.details.state import Identity, Made
from nequip_lint.facts.kind import AT_IMPORT, File, Kind
from nequip_lint.facts.names import looks_like_class
from nequip_lint.facts.site import Site
from nequip_lint.facts.terms import spot_of
from nequip_lint.source.nodes import walk

_LARGEST = 256
"""Python has numbers up to this one once."""
_WORDS: dict[type[ast.cmpop], str] = {
    ast.Is: "is",
    ast.IsNot: "is",
    ast.Eq: "==",
    ast.NotEq: "==",
    ast.In: "in",
    ast.NotIn: "in",
}


class Identities(Kind):
    """What is compared in functions, and what is looked up there by something that is no literal."""

    field = "identities"
    nodes = (
        *(ast.Compare, ast.Subscript, ast.Call),
        *(ast.For, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
    )

    def __init__(self, file: File) -> None:
        super().__init__(file)
        self._elements: dict[tuple[str, str, str], str] = {}

    def visit(self, node: ast.expr | ast.For, site: Site, parent: ast.AST) -> None:
        """Keep a comparison or a look-up; note what loops go through."""
        if not site.function:
            return
        if isinstance(node, ast.For):
            self._goes_through(node.target, node.iter, site)
        elif isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            for item in node.generators:
                self._goes_through(item.target, item.iter, site)
        elif isinstance(node, ast.Subscript):
            if isinstance(node.ctx, ast.Load):
                self._keep(node, node.slice, node.value, "key", site)
        elif isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute) and node.func.attr in ("get", "index") and node.args:
                self._keep(node, node.args[0], node.func.value, "key", site)
        elif isinstance(node, ast.Compare):
            self._compared(node, site)

    def _goes_through(self, target: ast.expr, source: ast.expr, site: Site) -> None:
        """Note the names that stand for elements of an attribute."""
        name = dotted(source.func) if isinstance(source, ast.Call) else dotted(source)
        if name.startswith("self."):
            for item in walk(target):
                if isinstance(item, ast.Name):
                    self._elements[site.owner, site.function, item.id] = name

    def _compared(self, node: ast.Compare, site: Site) -> None:
        how = _WORDS.get(type(node.ops[0]), "")
        left, right = node.left, node.comparators[0]
        for item in right.elts if isinstance(right, ast.Tuple | ast.List | ast.Set) else [right]:
            if how and len(node.ops) == 1:
                is_listed = item is not right
                self._keep(node, left, item, "==" if is_listed else "key" if how == "in" else how, site)

    def _keep(self, node: ast.expr, left: ast.expr, right: ast.expr, how: str, site: Site) -> None:
        names = self._kept(self._shown(left, how), site), self._kept(self._shown(right, how), site)
        if all(names):
            self.found.append(Identity(spot_of(node, site), *names, how))

    def _kept(self, name: str, site: Site) -> str:
        """A name, or the attribute that it stands for or is an element of."""
        key = site.owner, site.function, name
        if key in self._elements:
            return self._elements[key]
        values = site.outermost.values.get(name, []) if site.outermost is not None else []
        if len(values) != 1 or not isinstance(values[0], ast.Attribute):
            return name
        value = dotted(values[0]) if isinstance(values[0].ctx, ast.Load) else ""
        return value if value.startswith("self.") else name

    def _shown(self, node: ast.expr, how: str) -> str:
        """A dotted name, for an element that of its attribute; `Class()` for what is made to be compared."""
        if isinstance(node, ast.Subscript):
            return dotted(node.value) if dotted(node.value).startswith("self.") else ""
        made = dotted(node.func) if how == "is" and isinstance(node, ast.Call) else ""
        return f"{made}()" if looks_like_class(self.file.full(made)) else dotted(node)


class MadeObjects(Kind):
    """What assignments at module level and in bodies of classes make."""

    field = "made"
    nodes = (ast.Assign, ast.AnnAssign)
    functions = AT_IMPORT

    def visit(self, node: ast.Assign | ast.AnnAssign, site: Site, parent: ast.AST) -> None:
        """Keep what a name stands for."""
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if site.depth > bool(site.owner) or node.value is None:
            return
        for target in targets:
            values = [node.value]
            names = [target]
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                names, values = target.elts, node.value.elts
            for name, value in zip(names, values, strict=False):
                if isinstance(name, ast.Name):
                    self._keep(f"{site.owner}.{name.id}" if site.owner else name.id, value)

    def _keep(self, name: str, value: ast.expr) -> None:
        match value:
            case ast.Call(func=function):
                self.found.append(Made(name, "call", dotted(function)))
            case ast.Constant(value=str() | bytes()) | ast.JoinedStr():
                self.found.append(Made(name, "text"))
            case ast.Dict(keys=keys):
                known = tuple(dotted(key) for key in keys if key is not None and dotted(key))
                self.found.append(Made(name, "table" if known else "value", "", known))
            case ast.List() | ast.Set() | ast.Tuple(elts=[_, *_]) | ast.Constant(value=float() | complex()):
                self.found.append(Made(name, "value"))
            case ast.Constant(value=int(number)) if number > _LARGEST:
                self.found.append(Made(name, "value"))


class MadeAttributes(Kind):
    """What methods make and keep on `self`, as `Class.self.name`."""

    field = "made"
    nodes = (ast.Assign,)

    def visit(self, node: ast.Assign, site: Site, parent: ast.AST) -> None:
        """Keep an attribute that is the result of a call, or something that has another name."""
        is_call = isinstance(node.value, ast.Call)
        made = dotted(node.value.func) if isinstance(node.value, ast.Call) else dotted(node.value)
        for target in node.targets if site.owner and made else ():
            name = dotted(target)
            if name.startswith("self."):
                self.found.append(Made(f"{site.owner}.{name}", "call" if is_call else "name", made))
