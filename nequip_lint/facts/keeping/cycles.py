"""Objects that are in each other's sets, and whose hash asks what they have only once they are loaded."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.keeping.left_out import set_in
from nequip_lint.facts.objects.surroundings import Module
from nequip_lint.facts.site import Function
from nequip_lint.source.nodes import walk

_RESTORING = frozenset(
    {"__getstate__", "__setstate__", "__reduce__", "__reduce_ex__", "__getnewargs__", "__new__"}
)


def cyclic(node: ast.ClassDef, module: Module) -> Iterator[tuple[ast.stmt, str]]:
    """Why a load fails for objects of a class that know each other, with the place.

    Args:
        node: the class.
        module: what the names of its file stand for.
    """
    own = {item.name: item for item in node.body if isinstance(item, Function)}
    if "__hash__" not in own or not _RESTORING.isdisjoint(own):
        return
    asked = [item for item in map(dotted, _attributes(own["__hash__"])) if item.startswith("self.")]
    functions = [*own.values(), *(item for item in module.defined.values() if isinstance(item, Function))]
    if asked and any(_is_mutual(item, set_in(node)) for item in functions):
        yield own["__hash__"], f"__hash__ asks {asked[0]}, and whose objects are in each other's sets or keys"


def _attributes(node: ast.AST) -> list[ast.expr]:
    return [item for item in walk(node) if isinstance(item, ast.Attribute)]


def _is_mutual(function: Function, attributes: set[str]) -> bool:
    """Whether a function puts two objects into containers of each other, or one into its own."""
    pairs = {(owner, item) for owner, name, item in _put(function) if name in attributes}
    return any((item, owner) in pairs for owner, item in pairs)


def _put(function: Function) -> Iterator[tuple[str, str, str]]:
    """What is put into sets and made a key: the owner of the container, its name, and what is put there."""
    for item in walk(function):
        match item:
            case ast.Call(
                func=ast.Attribute(value=ast.Attribute(value=owner, attr=name), attr="add"), args=[given]
            ):
                yield dotted(owner), name, dotted(given)
            case ast.Assign(
                targets=[ast.Subscript(value=ast.Attribute(value=owner, attr=name), slice=given)]
            ):
                yield dotted(owner), name, dotted(given)
