"""Which functions of a file run when a packaged model is loaded or used, not only when it is constructed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.walk import children, walk

_CONSTRUCT = frozenset({"__init__", "__new__", "__post_init__", "__init_subclass__", "reset_parameters"})
_Key = tuple[str, str]
_Function = ast.FunctionDef | ast.AsyncFunctionDef
_LEAVES = (ast.Constant, ast.expr_context, ast.operator, ast.cmpop, ast.boolop, ast.unaryop)


def running(tree: ast.Module) -> frozenset[_Key]:
    """The (class, function) pairs that a load or a call of the model reaches, as far as the file tells.

    These are a module's `__getattr__`, functions whose names module-level code reads, methods of classes
    with bases, and what they name in turn. A method that only constructors name, a class method, and a
    function that nothing here names are taken not to run: a load calls no `__init__`.
    """
    return frozenset(_alive(_Units(tree), frozenset()))


class Lived(NamedTuple):
    """What the running functions of a file do: the names and attributes that they read (`names`), the dotted
    names behind those (`read`) and those that they assign to (`stored`); `?` stands for what has no name.
    """

    names: frozenset[str]
    read: frozenset[str]
    stored: frozenset[str]


_NOTHING = Lived(frozenset(), frozenset(), frozenset())


class Functions:
    """The functions of a file, asked several times what those do that a load or a call of the model reaches.

    Args:
        tree: the file.
    """

    def __init__(self, tree: ast.Module) -> None:
        self._units = _Units(tree)
        self._lived: dict[_Key, Lived] = {}

    def alive(self, named: frozenset[str]) -> set[_Key]:
        """The (class, function) pairs that run, given what running functions of other files name."""
        return _alive(self._units, named)

    def lived(self, named: frozenset[str]) -> Lived:
        """What those functions do."""
        every = [self._of(key) for key in self.alive(named)]
        return (
            Lived(*(frozenset().union(*parts) for parts in zip(*every, strict=True))) if every else _NOTHING
        )

    def _of(self, key: _Key) -> Lived:
        if key not in self._lived:
            nodes = list(walk(self._units.functions[key]))
            read = frozenset(name for node in nodes for name in _loaded(node))
            names = frozenset(name.rpartition(".")[2] for name in read)
            stored = frozenset(name for node in nodes for name in _stored(node))
            self._lived[key] = Lived(names, read, stored)
        return self._lived[key]


def _loaded(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        yield node.id
    elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
        yield dotted(node) or f"?.{node.attr}"
    elif isinstance(node, ast.Call) and dotted(node.func) in ("getattr", "hasattr") and len(node.args) > 1:
        owner, given = node.args[:2]
        if isinstance(given, ast.Constant) and isinstance(given.value, str):
            yield f"{dotted(owner) or '?'}.{given.value}"


def _stored(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Global):
        yield from node.names
    elif isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store):
        owner = node.value if isinstance(node, ast.Subscript) else node
        yield dotted(owner) or (f"?.{owner.attr}" if isinstance(owner, ast.Attribute) else "?")


def _alive(units: _Units, named: frozenset[str]) -> set[_Key]:
    alive = {key for key in units.functions if units.starts(key) or units.is_named(key, named)}
    waiting = list(alive)
    while waiting:
        owner, _ = key = waiting.pop()
        for other in units.functions:
            if other not in alive and other[0] in ("", owner) and _call_name(other) in units.names[key]:
                alive.add(other)
                waiting.append(other)
    return alive


def _call_name(key: _Key) -> str:
    return f"self.{key[1]}" if key[0] else key[1]


class _Units:
    """The functions of a file, the names that each reads, and those that code at import reads."""

    def __init__(self, tree: ast.Module) -> None:
        self.functions: dict[_Key, _Function] = {}
        self.names: dict[_Key, set[str]] = {}
        self.derived: set[str] = set()
        self.at_import: set[str] = set()
        stack: list[tuple[str, ast.AST]] = [("", tree)]
        while stack:
            owner, node = stack.pop()
            for child in children(node):
                if isinstance(child, _Function):
                    self.functions[owner, child.name] = child
                    self.names[owner, child.name] = _names(child)
                    stack += [(owner, item) for item in (*child.decorator_list, child.args)]
                    continue
                if isinstance(child, ast.ClassDef) and child.bases:
                    self.derived.add(child.name)
                if isinstance(child, ast.Name):
                    self.at_import.add(child.id)
                elif not isinstance(child, _LEAVES):
                    stack.append((child.name if isinstance(child, ast.ClassDef) else owner, child))

    def starts(self, key: _Key) -> bool:
        """Whether something outside of the functions here runs one."""
        owner, name = key
        if not owner:
            return name == "__getattr__" or name in self.at_import
        if name in _CONSTRUCT or any(map(_is_class_method, self.functions[key].decorator_list)):
            return False
        called = any(own == owner and f"self.{name}" in read for (own, _), read in self.names.items())
        return not called and owner in self.derived

    def is_named(self, key: _Key, named: frozenset[str]) -> bool:
        """Whether running functions of other files may call one."""
        return key[1] in named and key[1] not in _CONSTRUCT


def _is_class_method(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in ("classmethod", "staticmethod")


def _names(function: ast.AST) -> set[str]:
    """Names read in a function, and `self.x` for attributes of `self` or `cls`."""
    found: set[str] = set()
    stack = [function]
    while stack:
        for child in children(stack.pop()):
            if isinstance(child, ast.Name):
                found.add(child.id)
            elif not isinstance(child, _LEAVES):
                stack.append(child)
                if isinstance(child, ast.Attribute) and dotted(child.value) in ("self", "cls"):
                    found.add(f"self.{child.attr}")
    return found
