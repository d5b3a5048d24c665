"""Of what an expression is made, and which functions it may stand for."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.objects.surroundings import Surroundings
from nequip_lint.facts.objects.tables import leaves, path_of, table_of
from nequip_lint.facts.site import Function


def parts_of(node: ast.AST) -> Sequence[ast.AST]:
    """The values that an expression holds, or of which it is one."""
    match node:
        case ast.Dict():
            return [value for key, value in zip(node.keys, node.values, strict=True) if key is not None]
        case ast.BoolOp():
            return node.values
        case ast.List() | ast.Tuple() | ast.Set():
            return node.elts
        case ast.IfExp():
            return [node.body, node.orelse]
        case ast.ListComp() | ast.SetComp():
            return [node.elt]
        case ast.Starred(value=ast.GeneratorExp() as given):
            return [given.elt]
        case ast.DictComp() | ast.Starred() | ast.NamedExpr():
            return [node.value]
    return ()


def functions_in(node: ast.AST, known: Surroundings, depth: int) -> Iterator[str]:
    """The functions of this file that a value may be, and what it imports where the value is that."""
    if depth == 0:
        return
    if isinstance(node, ast.Name | ast.Attribute):
        name = dotted(node)
        value, is_local = known.value(name)
        if isinstance(value, Function):
            yield from () if is_local else (name,)
        elif value is not None:
            yield from functions_in(value, known, depth - 1)
        elif name.partition(".")[0] in known.names and not is_local:
            yield name
        return
    parts = parts_of(node)
    if isinstance(node, ast.Subscript):
        root, keys = path_of(node, known)
        parts = leaves(*table_of(root, known), keys, known)
    elif isinstance(node, ast.Call) and dotted(node.func) == "getattr" and node.args:
        name = dotted(node.args[0])
        yield from [f"{name}.…"] if name.partition(".")[0] in known.names else ()
    for part in parts:
        yield from functions_in(part, known, depth - 1)
