"""Where a name that an import binds is read, and whether that is when the module is imported."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from nequip_lint.facts.walk import children

Function = ast.FunctionDef | ast.AsyncFunctionDef
_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


class Use(NamedTuple):
    """One place that names the binding.

    `role` is `body` (of `function`, the outermost one around it), `bound` where something else than the
    import binds or declares the name, `quoted` (in an annotation that is a string; `node` is the string), or
    what is evaluated when the module is imported: `annotation`, `default`, `decorator`, `base`, `lambda`,
    `class` or `module`. `owner` is the definition around it, for people.
    """

    node: ast.expr | ast.stmt
    role: str
    function: Function | None
    owner: str


class _At(NamedTuple):
    role: str
    function: Function | None
    owner: str
    hidden: bool


def uses_of(scope: ast.Module | Function, name: str, imports: Iterable[ast.stmt]) -> list[Use]:
    """Every use of a name that some imports bind in a scope, the scopes inside included.

    Args:
        scope: the module, or the function that has the imports in its body.
        name: what they bind.
        imports: these statements, which are no uses themselves.
    """
    finder = _Finder(name, set(imports))
    inside = None if isinstance(scope, ast.Module) else scope
    at = _At("body" if inside else "module", inside, inside.name if inside else "", False)
    if inside is not None and name in _arguments(inside):
        finder.uses.append(Use(inside, "bound", inside, inside.name))
    for statement in scope.body:
        finder.visit(statement, at)
    return finder.uses


class _Finder:
    def __init__(self, name: str, imports: set[ast.stmt]) -> None:
        self.name = name
        self.imports = imports
        self.quoted = re.compile(rf"\b{re.escape(name)}\b")
        self.uses: list[Use] = []

    def visit(self, node: ast.AST, at: _At) -> None:
        if node in self.imports:
            return
        if isinstance(node, ast.Name):
            self._name(node, at)
        elif isinstance(node, Function):
            self._function(node, at)
        elif isinstance(node, ast.ClassDef):
            self._class(node, at)
        elif isinstance(node, ast.Lambda):
            self._lambda(node, at)
        elif isinstance(node, _Comprehension):
            bound = {name for part in node.generators for name in _targets(part.target)}
            self._children(node, at._replace(hidden=at.hidden or self.name in bound))
        elif isinstance(node, ast.AnnAssign):
            self._annotations([node.annotation], at)
            for child in (node.target, node.value):
                if child is not None:
                    self.visit(child, at)
        elif isinstance(node, ast.stmt | ast.ExceptHandler | ast.pattern) and self.name in _bound_by(node):
            if not at.hidden or isinstance(node, ast.Global | ast.Nonlocal):
                self._add(node, "bound", at)
            self._children(node, at)
        else:
            self._children(node, at)

    def _children(self, node: ast.AST, at: _At) -> None:
        for child in children(node):
            self.visit(child, at)

    def _name(self, node: ast.Name, at: _At) -> None:
        if node.id == self.name and not at.hidden:
            self._add(node, at.role if isinstance(node.ctx, ast.Load) else "bound", at)

    def _add(self, node: ast.AST, role: str, at: _At) -> None:
        place = node if isinstance(node, ast.expr | ast.stmt) else ast.Pass(lineno=1, col_offset=0)
        self.uses.append(Use(place, role, at.function, at.owner))

    def _function(self, node: Function, at: _At) -> None:
        named = at._replace(owner=node.name)
        if node.name == self.name and not at.hidden:
            self._add(node, "bound", at)
        self._each(node.decorator_list, named, "decorator")
        defaults = [*node.args.defaults, *(item for item in node.args.kw_defaults if item is not None)]
        self._each(defaults, named, "default")
        self._annotations(_annotations(node), named)
        hidden = at.hidden or self.name in _locals(node)
        function = at.function or node
        for statement in node.body:
            self.visit(statement, _At("body", function, node.name, hidden))

    def _class(self, node: ast.ClassDef, at: _At) -> None:
        named = at._replace(owner=node.name)
        if node.name == self.name and not at.hidden:
            self._add(node, "bound", at)
        self._each(node.decorator_list, named, "decorator")
        self._each([*node.bases, *(keyword.value for keyword in node.keywords)], named, "base")
        role = "class" if at.function is None else at.role
        for statement in node.body:
            self.visit(statement, named._replace(role=role))

    def _lambda(self, node: ast.Lambda, at: _At) -> None:
        self._each([*node.args.defaults, *filter(None, node.args.kw_defaults)], at, "default")
        role = "lambda" if at.function is None else at.role
        self.visit(node.body, at._replace(role=role, hidden=at.hidden or self.name in _arguments(node)))

    def _each(self, nodes: Iterable[ast.expr], at: _At, role: str) -> None:
        for node in nodes:
            self.visit(node, at._replace(role=role) if at.function is None else at)

    def _annotations(self, nodes: Iterable[ast.expr], at: _At) -> None:
        for node in nodes:
            for item in ast.walk(node):
                text = item.value if isinstance(item, ast.Constant) else None
                if isinstance(text, str) and self.quoted.search(text) and not at.hidden:
                    self._add(item, "quoted", at)
            self.visit(node, at._replace(role="annotation") if at.function is None else at)


def _annotations(node: Function) -> list[ast.expr]:
    every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    every += [item for item in (node.args.vararg, node.args.kwarg) if item is not None]
    found = [item.annotation for item in every if item.annotation is not None]
    return [*found, node.returns] if node.returns is not None else found


def _arguments(node: Function | ast.Lambda) -> set[str]:
    arguments = node.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += [item for item in (arguments.vararg, arguments.kwarg) if item is not None]
    return {item.arg for item in every}


def _locals(node: Function) -> set[str]:
    """The names that a function binds itself or declares to be another scope's."""
    bound = _arguments(node)
    for item in _own(node.body):
        if isinstance(item, ast.Name) and not isinstance(item.ctx, ast.Load):
            bound.add(item.id)
        else:
            bound |= _bound_by(item)
    return bound


def _own(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """The nodes of a scope, without those of the scopes inside it and the targets of comprehensions."""
    for node in nodes:
        yield node
        if isinstance(node, ast.comprehension):
            yield from _own([node.iter, *node.ifs])
        elif not isinstance(node, Function | ast.ClassDef | ast.Lambda):
            yield from _own(children(node))


def _targets(node: ast.AST) -> set[str]:
    return {item.id for item in ast.walk(node) if isinstance(item, ast.Name)}


def _bound_by(node: ast.AST) -> set[str]:
    """The names that a node binds or declares other than by an `ast.Name`."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name.partition(".")[0] for alias in node.names}
    if isinstance(node, Function | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Global | ast.Nonlocal):
        return set(node.names)
    name = getattr(node, "name", None) or getattr(node, "rest", None)
    is_binder = isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar | ast.MatchMapping)
    return {name} if is_binder and isinstance(name, str) else set()
