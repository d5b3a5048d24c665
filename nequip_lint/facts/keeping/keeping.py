"""Which statements make an object keep a value, and which give one back."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from nequip_lint.facts.conditions import dotted

RESULT = "return"
_ADDS = frozenset({"append", "appendleft", "add", "insert", "extend", "update", "setdefault"})
_ADDS_MODULE = frozenset({"add_module", "register_module"})
_SETS = frozenset({"setattr", "object.__setattr__"})


class Keeping(NamedTuple):
    """A value that is kept: `name` begins with the object that keeps it; or a result, which is `return`."""

    name: str
    value: ast.expr


def keepings(node: ast.stmt) -> Iterator[Keeping]:
    """The values that a statement keeps beyond itself.

    Args:
        node: an assignment, an expression or a `return`.
    """
    match node:
        case ast.Assign():
            for target in node.targets:
                yield from _assigned(target, node.value)
        case ast.AnnAssign(value=ast.expr() as value) | ast.AugAssign(value=value):
            yield from _assigned(node.target, value)
        case ast.Return(value=ast.expr() as value):
            yield Keeping(RESULT, value)
        case ast.Expr(value=ast.Call() as call):
            yield from _called(call)


def _assigned(target: ast.expr, value: ast.expr) -> Iterator[Keeping]:
    if isinstance(target, ast.Tuple | ast.List):
        if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(target.elts):
            for one, given in zip(target.elts, value.elts, strict=True):
                yield from _assigned(one, given)
        elif isinstance(value, ast.Call):
            for number, one in enumerate(target.elts):
                taken = ast.Subscript(value, ast.Constant(number), ast.Load())
                yield from _assigned(one, ast.copy_location(taken, value))
        return
    is_item = isinstance(target, ast.Subscript)
    key = target.slice if isinstance(target, ast.Subscript) else None
    target = _whole(target)
    name = dotted(target)
    if isinstance(target, ast.Call) and key is not None and dotted(target.func) == "vars" and target.args:
        name = f"{dotted(target.args[0])}.__dict__"
    if name.endswith(".__dict__") and key is not None:
        name = f"{name.removesuffix('.__dict__')}.{_written(key)}"
    if "." in name or (is_item and name):
        yield Keeping(name, value)


def _called(call: ast.Call) -> Iterator[Keeping]:
    """What a call puts into an object: `setattr`, `append` and their like."""
    name = dotted(call.func)
    owner, _, method = name.rpartition(".")
    function = call.func
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Call):
        made = dotted(function.value.func)
        if made == "super" and function.attr == "__setattr__" and len(call.args) == 2:
            yield Keeping(f"self.{_written(call.args[0])}", call.args[1])
        elif made == "vars" and function.attr == "update" and function.value.args:
            yield from _updated(dotted(function.value.args[0]), call)
    elif isinstance(function, ast.Attribute) and isinstance(function.value, ast.Subscript):
        filled = dotted(_whole(function.value))
        if function.attr in _ADDS and "." in filled:
            yield from (Keeping(filled, value) for value in call.args)
    elif name in _SETS and len(call.args) == 3:
        yield Keeping(f"{dotted(call.args[0])}.{_written(call.args[1])}", call.args[2])
    elif owner.endswith(".__dict__") and method == "update":
        yield from _updated(owner.removesuffix(".__dict__"), call)
    elif method in _ADDS_MODULE and owner and len(call.args) == 2:
        yield Keeping(f"{owner}.{_written(call.args[0])}", call.args[1])
    elif method in _ADDS and "." in owner:
        yield from (Keeping(owner, value) for value in call.args)
        yield from (Keeping(owner, item.value) for item in call.keywords)


def _whole(node: ast.expr) -> ast.expr:
    """What is left of `table[1][2]` without the brackets."""
    while isinstance(node, ast.Subscript):
        node = node.value
    return node


def _updated(holder: str, call: ast.Call) -> Iterator[Keeping]:
    """What `update` puts into the attributes of an object."""
    yield from (Keeping(f"{holder}.{item.arg}", item.value) for item in call.keywords if item.arg)
    for table in call.args[:1]:
        pairs = zip(table.keys, table.values, strict=True) if isinstance(table, ast.Dict) else ()
        yield from (Keeping(f"{holder}.{_written(key)}", value) for key, value in pairs if key is not None)


def _written(node: ast.expr) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else "…"
