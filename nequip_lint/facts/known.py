"""What names stand for in a module, as far as its imports, definitions and assignments tell."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.values import Import
from nequip_lint.facts.walk import walk

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Pattern(NamedTuple):
    """A probe before its place is known; `immediate` is false for what a lambda holds."""

    kind: str
    name: str
    detail: tuple[str, ...]
    node: ast.AST
    immediate: bool = True


class Known:
    """What names stand for in a module, and in the function that is being walked.

    `names` are the imported ones, `modules` those of them that are certainly modules, `chains` those that
    a plain import binds to a parent of what it imports.
    """

    def __init__(self, tree: ast.Module, text: str, imports: Sequence[Import]) -> None:
        self.tree = tree
        self.text = text
        self.names: dict[str, str] = {}
        self.modules: set[str] = set()
        self.chains: set[str] = set()
        self.postponed = False
        self.local: dict[str, list[ast.AST]] = {}
        self.arguments: set[str] = set()
        self.globals: set[str] = set()
        self.is_inside = False
        self._top: dict[str, ast.AST] | None = None
        for item in imports:
            self._import(item)

    def _import(self, item: Import) -> None:
        module = item.module
        if module is None or item.bound == "__import__":
            return
        if not item.names:
            top = module.partition(".")[0]
            plain = item.bound == top
            self.names.setdefault(item.bound, top if plain else module)
            self.modules.add(item.bound)
            if plain and top != "torch" and (module != top or module in ("nequip", "e3nn")):
                self.chains.add(top)
        for name, bound in item.names:
            self.names.setdefault(bound, f"{module}.{name}")
            self.postponed |= (module, name) == ("__future__", "annotations")

    def is_foreign(self, name: str) -> bool:
        """Whether a name stands for something of torch or the standard library."""
        top = self.names.get(name, "").partition(".")[0]
        return top == "torch" or top in sys.stdlib_module_names

    def full(self, name: str) -> str:
        """The absolute dotted name behind a name that an import binds; else the name."""
        head, dot, rest = name.partition(".")
        return f"{self.names[head]}{dot}{rest}" if head in self.names else name

    def enter(self, node: Function) -> None:
        """Note the names that a function binds."""
        self.is_inside = True
        arguments = node.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        every += [item for item in (arguments.vararg, arguments.kwarg) if item is not None]
        self.arguments = {item.arg for item in every}
        self.local, self.globals = {}, set()
        for child in walk(node):
            if isinstance(child, ast.Global):
                self.globals.update(child.names)
            if child is not node and isinstance(child, Function | ast.ClassDef):
                self.local.setdefault(child.name, []).append(child)
            elif isinstance(child, ast.Assign):
                for target in child.targets:
                    for name in walk(target):
                        if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store):
                            self.local.setdefault(name.id, []).append(
                                child.value if name is target else target
                            )

    def leave(self) -> None:
        """Forget the function."""
        self.local, self.arguments, self.globals, self.is_inside = {}, set(), set(), False

    def outlives(self, name: str) -> bool:
        """Whether a name stands for something that is there before and after the function, `cls` included."""
        if name == "cls":
            return True
        return (
            name not in self.arguments
            and name not in self.local
            and (name in self.names or name in self.top())
        )

    def saves(self, name: str) -> bool:
        """Whether the function keeps the value of a dotted name in a local one, to put it back."""
        values = (value for found in self.local.values() for value in found)
        return any(isinstance(value, ast.Name | ast.Attribute) and dotted(value) == name for value in values)

    def value(self, name: str) -> tuple[ast.AST | None, bool]:
        """What a name is bound to, once and visibly, and whether that happens in the function itself."""
        if name in self.arguments:
            return None, True
        if name in self.local:
            values = self.local[name]
            return (values[0] if len(values) == 1 else None), True
        return self.top().get(name), False

    def top(self) -> dict[str, ast.AST]:
        """The module-level definitions and assignments; a name that is bound twice has none."""
        if self._top is None:
            self._top = {}
            again: set[str] = set()
            for node in self.tree.body:
                for name, value in _defined(node):
                    if name in self._top:
                        again.add(name)
                    self._top[name] = value
            for name in again:
                del self._top[name]
        return self._top

    def about_class(self, node: ast.ClassDef) -> Iterator[Pattern]:
        """The fields of a class, if it is a dataclass, and the module that it claims to be of."""
        for statement in node.body:
            if isinstance(statement, ast.Assign) and dotted(statement.targets[0]) == "__module__":
                yield from self.moved(node.name, statement.value, statement)
        if any(self._is_dataclass(item) for item in node.decorator_list):
            for statement in node.body:
                if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                    written = self._annotation(statement.annotation)
                    if written:
                        yield Pattern("field", statement.target.id, (written,), statement.annotation)

    def moved(self, name: str, value: ast.expr, node: ast.AST) -> Iterator[Pattern]:
        """The module that a class is given, where it is written out."""
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield Pattern("moved", name, (value.value,), node)
        elif dotted(value) == "__package__":
            yield Pattern("moved", name, ("__package__",), node)

    def _is_dataclass(self, node: ast.expr) -> bool:
        function = node.func if isinstance(node, ast.Call) else node
        return self.full(dotted(function)) == "dataclasses.dataclass"

    def _annotation(self, node: ast.expr) -> str:
        """The string that an annotation is at run time; empty where it is evaluated."""
        if self.postponed:
            return ast.unparse(node)
        return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _named(node: ast.ClassDef) -> ast.AST:
    return node.bases[0] if node.bases else node.body[0]


def _defined(node: ast.stmt) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node, Function | ast.ClassDef):
        yield node.name, node
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Name):
                yield target.id, node.value
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
        yield node.target.id, node.value
