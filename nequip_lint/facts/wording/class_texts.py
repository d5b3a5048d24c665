"""Texts of classes, as `str(type(x))`: the name of the module is part of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.details.wording import ClassText
from nequip_lint.facts.kind import File, Kind
from nequip_lint.facts.site import Site
from nequip_lint.facts.terms import spot_of
from nequip_lint.facts.wording.messages import Messages
from nequip_lint.source.nodes import walk

_MAKE_TEXT = ("str", "repr", "format")
_SHOWN_IN = ("__repr__", "__str__", "extra_repr")


class ClassTexts(Kind):
    """Every such text in a function, those in messages aside."""

    field = "class_texts"
    nodes = (ast.Call, ast.JoinedStr, ast.BinOp, ast.Raise, ast.Assert)

    def __init__(self, file: File) -> None:
        super().__init__(file)
        self._messages = Messages()

    def visit(self, node: ast.expr | ast.stmt, site: Site, parent: ast.AST) -> None:
        """Keep a text; note what messages are made of."""
        self._messages.note(node)
        is_meant = site.function and site.function not in _SHOWN_IN
        if not is_meant or not any(self._is_class(item, site) for item in self._written(node)):
            return
        if not self._messages.tell(node, site):
            self.found.append(ClassText(spot_of(node, site)))

    def _written(self, node: ast.AST) -> Iterator[ast.expr]:
        """What is put into a text; of an object that `torch.typename` is given its class."""
        if isinstance(node, ast.Call) and self.file.full(dotted(node.func)) == "torch.typename":
            yield from (ast.Attribute(given, "__class__", ast.Load()) for given in node.args)
        else:
            yield from _written(node)

    def _is_class(self, node: ast.expr, site: Site) -> bool:
        """Whether an expression is a class that may be an own one."""
        match node:
            case ast.Call(func=ast.Name(id="type"), args=[given]):
                return not self._is_of_torch(given, site)
            case ast.Attribute(attr="__class__", value=given):
                return not self._is_of_torch(given, site)
            case ast.Name(id=name):
                return name in self.file.classes and not site.hides(name)
        return False

    def _is_of_torch(self, node: ast.expr, site: Site) -> bool:
        """Whether an object is an attribute that methods of the file set to what torch gives."""
        name = dotted(node)
        made = [
            self.file.full(dotted(item.value.func))
            for item in walk(self.file.tree)
            if isinstance(item, ast.Assign) and isinstance(item.value, ast.Call)
            for target in item.targets
            if dotted(target) == name
        ]
        return bool(made) and all(item.startswith("torch.") for item in made)


def _written(node: ast.AST) -> Iterator[ast.expr]:
    """What is put into a text."""
    match node:
        case ast.Call(func=ast.Name(id=name), args=[given, *_]) if name in _MAKE_TEXT:
            yield given
        case ast.Call(func=ast.Attribute(attr="format", value=ast.Constant()), args=given):
            yield from given
        case ast.JoinedStr(values=values):
            yield from (item.value for item in values if isinstance(item, ast.FormattedValue))
        case ast.BinOp(left=ast.Constant(value=str()), op=ast.Mod(), right=right):
            yield from right.elts if isinstance(right, ast.Tuple) else [right]
