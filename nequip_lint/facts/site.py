"""Where a node stands: when it runs, the definitions around it, and the names that these bind."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.values import Condition, Place
from nequip_lint.source.nodes import every, walk

Function = ast.FunctionDef | ast.AsyncFunctionDef
_Definition = Function | ast.ClassDef | ast.Lambda
_ADDING = ("append", "appendleft", "add", "insert", "extend", "update", "setdefault")
_NAMED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_DEFINING = frozenset(_NAMED)
_BINDING = frozenset({*_NAMED, ast.arg, ast.Name, ast.alias, ast.Global, ast.Nonlocal})


class Scope:
    """The names that a definition binds, and those of the definitions around it.

    Args:
        node: the function, class or lambda.
        outer: the scope around it; None for the module.
    """

    def __init__(self, node: _Definition, outer: Scope | None) -> None:
        self.node = node
        self.outer = outer

    @cached_property
    def _nodes(self) -> list[ast.AST]:
        return every(self.node)

    @cached_property
    def arguments(self) -> frozenset[str]:
        """The names of the arguments; a class has none."""
        return frozenset() if isinstance(self.node, ast.ClassDef) else _names_of(self.node.args)

    @cached_property
    def values(self) -> dict[str, list[ast.AST]]:
        """What each assigned name of a function is bound to; the target itself where that is not plain."""
        found: dict[str, list[ast.AST]] = {}
        for child in self._nodes:
            if child.__class__ in _DEFINING:
                if isinstance(child, _NAMED) and child is not self.node:
                    found.setdefault(child.name, []).append(child)
            elif child.__class__ is ast.Assign and isinstance(child, ast.Assign):
                for target in child.targets:
                    for item in _stored(target):
                        found.setdefault(item.id, []).append(child.value if item is target else target)
            else:
                for name, value in _bound_to(child):
                    found.setdefault(name, []).append(value)
        return found

    @cached_property
    def added(self) -> dict[str, list[ast.expr]]:
        """What a function puts into the containers that have local names."""
        found: dict[str, list[ast.expr]] = {}
        for child in self._nodes:
            match child:
                case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=attr)) if attr in _ADDING:
                    found.setdefault(name, []).extend(child.args[-1:])
                case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=name))], value=value):
                    found.setdefault(name, []).append(value)
        return found

    @cached_property
    def unpacked(self) -> dict[str, ast.expr]:
        """What local names stand for that an assignment unpacks, or a loop over what a table holds."""
        found: dict[str, ast.expr] = {}
        for child in self._nodes:
            match child:
                case ast.Assign(targets=[ast.Tuple(elts=parts)], value=ast.Name() | ast.Subscript() as value):
                    for number, part in enumerate(parts):
                        taken = ast.Subscript(value, ast.Constant(number), ast.Load())
                        found[dotted(part)] = ast.copy_location(taken, value)
                case ast.For(target=target, iter=ast.Call(func=ast.Attribute(value=table, attr=attr))):
                    held = target.elts[-1] if attr == "items" and isinstance(target, ast.Tuple) else target
                    if attr in ("items", "values") and not isinstance(table, ast.Dict):
                        found[dotted(held)] = table
        return {name: value for name, value in found.items() if len(self.values.get(name, ())) == 1}

    @cached_property
    def parts(self) -> dict[str, ast.Call]:
        """The calls that give several things, by the local names to which they are unpacked."""
        found: dict[str, ast.Call] = {}
        for child in self._nodes:
            match child:
                case ast.Assign(targets=targets, value=ast.Call() as call):
                    unpacked = (target for target in targets if isinstance(target, ast.Tuple | ast.List))
                    for item in (name for target in unpacked for name in _stored(target)):
                        found.setdefault(item.id, call)
        return found

    def assigns(self, name: str) -> bool:
        """Whether a name is an argument, a definition inside, or the target of an assignment."""
        return name in self.arguments or name in self.values

    def saves(self, name: str) -> bool:
        """Whether the value of a dotted name is kept in a local one, to put it back."""
        values = (value for found in self.values.values() for value in found)
        return any(isinstance(value, ast.Name | ast.Attribute) and dotted(value) == name for value in values)

    @cached_property
    def bound(self) -> frozenset[str]:
        """Every name that the definition binds itself, in whatever way."""
        return _bound_in_class(self.node) if isinstance(self.node, ast.ClassDef) else _bound(self._nodes)

    def hides(self, name: str) -> bool:
        """Whether a name stands for something else than it does in the module."""
        return name in self.bound or (self.outer is not None and self.outer.hides(name))


class Site(NamedTuple):
    """Where a node stands.

    `owner` is the class around it, `function` the outermost function, both '' where there is none; `depth`
    counts the definitions around it; `is_inner` tells of a function or lambda inside of the function;
    `is_evaluated` is false in annotations that nothing evaluates; `scope` is that of the innermost
    definition, `outermost` that of the outermost function.
    """

    place: Place
    owner: str = ""
    function: str = ""
    depth: int = 0
    is_inner: bool = False
    is_evaluated: bool = True
    scope: Scope | None = None
    outermost: Scope | None = None

    def under(self, test: Condition) -> Site:
        """The site under one more test."""
        return Site(self.place.under(test), *self[1:])

    def inside(self, caught: tuple[str, ...]) -> Site:
        """The site where exceptions of some more types end."""
        if not caught:
            return self
        at_import, guards, outer = self.place
        return Site(Place(at_import, guards, outer + caught), *self[1:])

    def in_function(self, node: Function) -> Site:
        """The site of a function's body, which runs when somebody calls it."""
        scope = Scope(node, self.scope)
        place = Place(False, self.place.guards)
        is_inner = bool(self.function)
        outermost = self.outermost or scope
        function = self.function or node.name
        return Site(place, self.owner, function, self.depth + 1, is_inner, True, scope, outermost)

    def in_class(self, node: ast.ClassDef) -> Site:
        """The site of a class's body."""
        owner = self.owner if self.function else node.name
        return self._replace(owner=owner, depth=self.depth + 1, scope=Scope(node, self.scope))

    def in_lambda(self, node: ast.Lambda) -> Site:
        """The site of what a lambda evaluates, when somebody calls it."""
        place = Place(False, self.place.guards)
        return self._replace(place=place, is_inner=True, scope=Scope(node, self.scope))

    def hides(self, name: str) -> bool:
        """Whether a definition around the node binds a name."""
        return self.scope is not None and self.scope.hides(name)


def _names_of(arguments: ast.arguments) -> frozenset[str]:
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += [item for item in (arguments.vararg, arguments.kwarg) if item is not None]
    return frozenset(item.arg for item in every)


def _bound_to(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """The names that something else than an assignment binds, with what they stand for."""
    match node:
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            yield name, value
        case ast.NamedExpr(target=ast.Name(id=name), value=value):
            yield name, value
        case ast.withitem(optional_vars=ast.Name(id=name)):
            yield name, node
        case ast.For(target=target, iter=source) | ast.comprehension(target=target, iter=source):
            yield from _elements(target, source)


def _elements(target: ast.expr, source: ast.expr) -> Iterator[tuple[str, ast.AST]]:
    """What a loop over a display binds: one after the other, all of its elements."""
    match target, source:
        case ast.Name(id=name), ast.List() | ast.Tuple() | ast.Set():
            yield name, source
        case (
            ast.Tuple(elts=[_, ast.Name(id=name)]),
            ast.Call(func=ast.Attribute(value=ast.Dict(values=values), attr="items")),
        ):
            yield name, ast.copy_location(ast.List(values, ast.Load()), source)
        case _:
            yield from ((item.id, target) for item in _stored(target))


def _stored(target: ast.AST) -> list[ast.Name]:
    return [item for item in walk(target) if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store)]


def _bound_in_class(node: ast.ClassDef) -> frozenset[str]:
    found: set[str] = set()
    for item in node.body:
        if isinstance(item, Function | ast.ClassDef):
            found.add(item.name)
        elif isinstance(item, ast.Assign | ast.AnnAssign):
            targets = item.targets if isinstance(item, ast.Assign) else [item.target]
            found.update(name.id for name in targets if isinstance(name, ast.Name))
    return frozenset(found)


def _bound(nodes: list[ast.AST]) -> frozenset[str]:
    """What a function binds, itself the first of its nodes."""
    found: set[str] = set()
    outer: set[str] = set()
    for child in nodes:
        if child.__class__ not in _BINDING:
            continue
        if isinstance(child, ast.arg):
            found.add(child.arg)
        elif isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
            found.add(child.id)
        elif isinstance(child, ast.alias):
            found.add(child.asname or child.name.partition(".")[0])
        elif isinstance(child, (ast.Global, ast.Nonlocal)):
            outer.update(child.names)
        elif isinstance(child, _NAMED) and child is not nodes[0]:
            found.add(child.name)
    return frozenset(found - outer)
