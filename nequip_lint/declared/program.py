"""A program that is read and never run: what its names stand for, as far as source tells."""

from __future__ import annotations

import ast
from collections.abc import Iterator

_GROWING = ("append", "extend", "insert", "update")
_DEPTH = 20
"""How many names and tables lead from one to the next at most."""


class Program:
    """The values in a program.

    Args:
        tree: of its file.
    """

    def __init__(self, tree: ast.AST) -> None:
        self.nodes = tuple(ast.walk(tree))
        self._values: dict[str, list[ast.AST]] = {}
        self._computed: set[str] = set()
        self._items: dict[str, dict[str, ast.expr]] = {}
        for node in self.nodes:
            self._take(node)

    def _take(self, node: ast.AST) -> None:
        """Remember what a statement gives to a name."""
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._assign(target, value)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._assign(target, value)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method), args=args):
                for argument in args if method in _GROWING else ():
                    self._grow(name, argument)
            case (
                ast.AugAssign(target=ast.Name(id=name), value=value)
                | ast.For(target=ast.Name(id=name), iter=value)
                | ast.comprehension(target=ast.Name(id=name), iter=value)
                | ast.withitem(optional_vars=ast.Name(id=name), context_expr=value)
            ):
                self._grow(name, value)
            case ast.FunctionDef(name=name):
                self._grow(name, node)

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        match target:
            case ast.Name(id=name):
                self._values.setdefault(name, []).append(value)
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str(key))):
                self._items.setdefault(name, {})[key] = value
                self._grow(name, value)

    def _grow(self, name: str, value: ast.AST) -> None:
        self._values.setdefault(name, []).append(value)
        self._computed.add(name)

    def table(self, node: ast.AST, depth: int = _DEPTH) -> Iterator[tuple[str, ast.expr]]:
        """The keys and values of a table, literal or built up under a name."""
        match node:
            case ast.Dict(keys=keys, values=values):
                for key, value in zip(keys, values, strict=True):
                    if isinstance(key, ast.Constant):
                        yield str(key.value), value
                    elif key is None and depth:
                        yield from self.table(value, depth - 1)
            case ast.Call(func=ast.Name(id="dict"), keywords=keywords):
                yield from ((item.arg, item.value) for item in keywords if item.arg is not None)
            case ast.Name(id=name) if depth:
                for found in self._values.get(name, ()):
                    yield from self.table(found, depth - 1)
                yield from self._items.get(name, {}).items()

    def items_at(self, key: str) -> Iterator[ast.expr]:
        """The values that stand at a key, in whatever table."""
        for node in self.nodes:
            if isinstance(node, ast.Dict):
                yield from (value for name, value in self.table(node, 0) if name == key)
        yield from (items[key] for items in self._items.values() if key in items)

    def value(self, node: ast.AST, depth: int = _DEPTH) -> object:
        """The text, or list of texts, that an expression stands for; None where it is computed."""
        if not depth:
            return None
        match node:
            case ast.Constant(value=str(text)):
                return text
            case ast.Name(id=name) if name not in self._computed and len(self._values.get(name, ())) == 1:
                return self.value(self._values[name][0], depth - 1)
            case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
                found = [self.value(element, depth - 1) for element in elements]
                return None if None in found else found
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                first, second = self.value(left, depth - 1), self.value(right, depth - 1)
                return [*first, *second] if isinstance(first, list) and isinstance(second, list) else None
        return None

    def texts(self, node: ast.AST, seen: set[str] | None = None) -> Iterator[str]:
        """The strings in an expression and in all that its names stand for; keys of tables are none."""
        passed = set() if seen is None else seen
        inside = tuple(ast.walk(node))
        keys = {id(key) for item in inside if isinstance(item, ast.Dict) for key in item.keys}
        for item in inside:
            if isinstance(item, ast.Constant) and isinstance(item.value, str) and id(item) not in keys:
                yield item.value
            elif isinstance(item, ast.Name) and item.id not in passed:
                passed.add(item.id)
                for value in self._values.get(item.id, ()):
                    yield from self.texts(value, passed)
