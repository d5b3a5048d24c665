"""What functions give back, and what classes answer, that pickling cannot find again by its name."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.site import Function
from nequip_lint.facts.terms import last_name
from nequip_lint.source.nodes import children, walk


def returns_unnamed(maker: Function) -> bool:
    """Whether every result is a lambda, or a local function that keeps its own name (no `wraps`)."""
    inner = {item.name: item for item in walk(maker) if isinstance(item, Function) and item is not maker}
    own = [node for node in _own_nodes(maker) if isinstance(node, ast.Return)]
    for node in own:
        if isinstance(node.value, ast.Lambda):
            continue
        if not isinstance(node.value, ast.Name) or node.value.id not in inner:
            return False
        if inner[node.value.id].decorator_list:
            return False
    names = {last_name(item) for item in walk(maker) if isinstance(item, ast.Name | ast.Attribute)}
    return bool(own) and names.isdisjoint(("update_wrapper", "__qualname__"))


def _own_nodes(function: Function) -> Iterator[ast.AST]:
    stack: list[ast.AST] = list(function.body)
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, Function | ast.Lambda | ast.ClassDef):
            stack += children(node)


def returns_local_class(maker: Function) -> bool:
    classes = {item.name for item in walk(maker) if isinstance(item, ast.ClassDef)}
    own = [item for item in _own_nodes(maker) if isinstance(item, ast.Return)]
    return bool(own) and all(isinstance(item.value, ast.Name) and item.value.id in classes for item in own)


def answering(node: ast.ClassDef) -> str:
    """How the `__getattr__` of a class answers, or fails with the wrong error, for every name; else ''."""
    for item in node.body:
        if isinstance(item, ast.Assign) and dotted(item.targets[0]) == "__getattr__":
            method = dotted(item.value) if isinstance(item.value, ast.Attribute) else ""
            if method in ("dict.get", "dict.__getitem__"):
                return f"is {method}"
        if isinstance(item, Function) and item.name == "__getattr__" and _answers(item):
            return "does not raise AttributeError"
    return ""


def _answers(function: Function) -> bool:
    """Whether the body is one `return` of `self[name]`, `self.get(name)` or a constant."""
    body = [
        item
        for item in function.body
        if not (isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant))
    ]
    if len(body) != 1 or not isinstance(body[0], ast.Return) or len(function.args.args) != 2:
        return False
    owner, name = (item.arg for item in function.args.args)
    match body[0].value:
        case None | ast.Constant():
            return True
        case ast.Subscript(value=ast.Name(id=a), slice=ast.Name(id=b)):
            return (a, b) == (owner, name)
        case ast.Call(func=ast.Attribute(value=ast.Name(id=a), attr="get"), args=[ast.Name(id=b), *_]):
            return (a, b) == (owner, name)
    return False
