"""What functions give back, and what classes answer, that pickling cannot find again by its name."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import lru_cache

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.names import Names
from nequip_lint.facts.site import Function
from nequip_lint.facts.terms import last_name
from nequip_lint.source.nodes import children, walk

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def returns_unnamed(maker: Function, names: Names) -> bool:
    """Whether every result is a lambda, or a local function that keeps its own name (no `wraps`)."""
    inner = _inner(maker)
    own = results(maker)
    for value in own:
        if isinstance(value, ast.Lambda):
            continue
        if not isinstance(value, ast.Name) or value.id not in inner:
            return False
        if inner[value.id].decorator_list:
            return False
    return bool(own) and not has_names(maker, names)


def has_names(maker: Function, names: Names) -> bool:
    """Whether a function gives those inside of it other names, as `functools.wraps` does."""
    used = (dotted(item) for item in walk(maker) if isinstance(item, ast.Name | ast.Attribute))
    return not {"wraps", "update_wrapper", "__qualname__"}.isdisjoint(map(names.last, used))


def inner_results(maker: Function) -> list[Function | ast.Lambda]:
    """The local functions and lambdas that a function gives back; none where it may give something else."""
    inner = _inner(maker)
    found = [item if isinstance(item, ast.Lambda) else inner.get(dotted(item)) for item in results(maker)]
    return [item for item in found if item is not None] if None not in found else []


@lru_cache(maxsize=256)
def _inner(maker: Function) -> Mapping[str, Function]:
    """The functions that a function defines inside of it."""
    return {item.name: item for item in walk(maker) if isinstance(item, Function) and item is not maker}


def given_back(maker: Function | ast.Lambda) -> list[ast.expr]:
    """What a function or a lambda gives back."""
    return [maker.body] if isinstance(maker, ast.Lambda) else list(results(maker))


@lru_cache(maxsize=256)
def results(function: Function) -> tuple[ast.expr, ...]:
    """What a function gives back; `None` where it says so or does not say."""
    found = (item for item in _own_nodes(function) if isinstance(item, ast.Return))
    return tuple(item.value if item.value is not None else ast.Constant(None) for item in found)


def _own_nodes(function: Function) -> Iterator[ast.AST]:
    stack: list[ast.AST] = list(function.body)
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, _SCOPES):
            stack += children(node)


def returns_local_class(maker: Function) -> bool:
    classes = {item.name for item in walk(maker) if isinstance(item, ast.ClassDef)}
    own = results(maker)
    return bool(own) and all(isinstance(value, ast.Name) and value.id in classes for value in own)


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


@lru_cache(maxsize=256)
def is_generator(function: Function) -> bool:
    """Whether a call of a function makes a generator."""
    return any(isinstance(item, ast.Yield | ast.YieldFrom) for item in _own_nodes(function))


def delegating(node: ast.ClassDef) -> str:
    """How the `__getattr__` of a class asks an attribute that an empty object does not have yet; else ''.

    Unpickling asks an object for `__setstate__` before it has any attribute. Whoever tells names apart
    before, or catches what comes of it, is taken to know.
    """
    own = {item.name for item in node.body if isinstance(item, Function)}
    found = next(
        (item for item in node.body if isinstance(item, Function) and item.name == "__getattr__"), None
    )
    if found is None or not own.isdisjoint(_RESTORING) or len(found.args.args) != 2:
        return ""
    held = {item.id for item in _class_names(node)}
    body = [item for item in found.body if not _is_text(item)]
    first = body[0] if body else None
    if isinstance(first, ast.Try):
        return _delegated(first.body[0], held) if _lets_through(first) else ""
    return _delegated(first, held) if first is not None else ""


_RESTORING = frozenset({"__setstate__", "__reduce__", "__reduce_ex__", "__new__"})


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _class_names(node: ast.ClassDef) -> Iterator[ast.Name]:
    """The targets of assignments in the body of a class: its objects have these from the start."""
    for item in node.body:
        targets = item.targets if isinstance(item, ast.Assign) else []
        if isinstance(item, ast.AnnAssign) and item.value is not None:
            targets = [item.target]
        yield from (target for target in targets if isinstance(target, ast.Name))


def _lets_through(node: ast.Try) -> bool:
    """Whether the handlers of a `try` miss what comes of an attribute that is not there."""
    caught = {last_name(part) for item in node.handlers for part in _types(item.type)}
    return caught.isdisjoint(("", "Exception", "BaseException", "RecursionError", "AttributeError"))


def _types(node: ast.expr | None) -> list[ast.expr]:
    if node is None:
        return [ast.Constant(None)]
    return node.elts if isinstance(node, ast.Tuple) else [node]


def _delegated(node: ast.stmt, held: set[str]) -> str:
    """What the first statement of `__getattr__` asks of `self`, if nothing is tested before."""
    for item in walk(node):
        if isinstance(item, ast.IfExp | ast.BoolOp):
            return ""
        if isinstance(item, ast.Subscript) and dotted(item.value) == "self.__dict__":
            key = item.slice.value if isinstance(item.slice, ast.Constant) else None
            return f"takes __dict__[{key!r}]" if isinstance(key, str) and key not in held else ""
        name = dotted(item) if isinstance(item, ast.Attribute) else ""
        if name.startswith("self.") and not name.startswith("self.__") and name.split(".")[1] not in held:
            return f"asks {name}"
    return ""
