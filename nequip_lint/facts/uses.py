"""Reads of names that a module binds only under a test; runs only where there are such names."""

from __future__ import annotations

import ast
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence

from nequip_lint.facts.imports import postpones_annotations
from nequip_lint.facts.lines import Lines
from nequip_lint.facts.spans import span_of
from nequip_lint.facts.tries import caught_by, importable, leaves
from nequip_lint.facts.values import Condition, Import, Place, Use, negated
from nequip_lint.facts.walk import children, walk

_Judge = Callable[[ast.expr], Condition]
_BINDS_UNSEEN = ("globals()", "locals()", "exec(")
"""Words of files that may bind any name in a way that is not followed."""
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda


def uses_of(
    tree: ast.Module, text: str, imports: Sequence[Import], names: frozenset[str], judge: _Judge
) -> tuple[Use, ...]:
    """Every read of `names`, with the tests it stands under, functions included.

    Args:
        tree: the module.
        text: its source.
        imports: its imports.
        names: module-level names of interest.
        judge: turns the test of an `if` into a condition.
    """
    if not names or any(word in text for word in _BINDS_UNSEEN):
        return ()
    postponed = any(map(postpones_annotations, tree.body))
    finder = _Finder(Lines(text, names, whole=True), imports, judge, postponed)
    finder.block(tree.body, Place(at_import=True), names)
    return tuple(finder.uses)


def uses_inside(
    function: ast.FunctionDef | ast.AsyncFunctionDef,
    lines: Lines,
    imports: Sequence[Import],
    names: frozenset[str],
    judge: _Judge,
) -> tuple[Use, ...]:
    """Every read of `names` that calling a function evaluates, with the tests it stands under.

    Args:
        function: of a module.
        lines: those of the module that hold one of the names.
        imports: of the module.
        names: module-level names of interest.
        judge: turns the test of an `if` into a condition.
    """
    finder = _Finder(lines, imports, judge, postponed=True)
    finder.visit(function, Place(at_import=True), names)
    return tuple(use for use in finder.uses if not use.place.at_import)


class _Finder:
    def __init__(self, lines: Lines, imports: Sequence[Import], judge: _Judge, postponed: bool) -> None:
        self.lines = lines
        self.imports = sorted(imports, key=lambda item: item.span.line)
        self.starts = [item.span.line for item in self.imports]
        self.judge = judge
        self.postponed = postponed
        self.uses: list[Use] = []

    def block(self, body: Iterable[ast.stmt], place: Place, names: frozenset[str]) -> None:
        for node in body:
            if not (isinstance(node, ast.If | ast.Assert) or self.lines.within(node)):
                continue
            if isinstance(node, ast.If):
                place = self._if(node, place, names)
            elif isinstance(node, ast.Assert):
                self.visit(node.test, place, names)
                place = place.under(self.judge(node.test))
            else:
                self.visit(node, place, names)

    def _if(self, node: ast.If, place: Place, names: frozenset[str]) -> Place:
        test = self.judge(node.test)
        self.visit(node.test, place._replace(caught=("test",)), names)
        self.block(node.body, place.under(test), names)
        otherwise = place.under(negated(test))
        self.block(node.orelse, otherwise, names)
        return otherwise if leaves(node.body) and not node.orelse else place

    def visit(self, node: ast.AST, place: Place, names: frozenset[str]) -> None:
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load) and node.id in names:
                self.uses.append(Use(node.id, span_of(node), place))
        elif isinstance(node, _Definition):
            self._definition(node, place, names)
        elif isinstance(node, ast.arg | ast.AnnAssign):
            self._annotated(node, place, names)
        elif isinstance(node, ast.Try):
            self._try(node, place, names)
        elif isinstance(node, ast.IfExp):
            test = self.judge(node.test)
            self.visit(node.test, place._replace(caught=("test",)), names)
            self.visit(node.body, place.under(test), names)
            self.visit(node.orelse, place.under(negated(test)), names)
        elif isinstance(node, ast.With | ast.For | ast.While | ast.AsyncFor | ast.AsyncWith):
            for child in children(node):
                if not isinstance(child, ast.stmt):
                    self.visit(child, place, names)
            self.block([*node.body, *getattr(node, "orelse", [])], place, names)
        else:
            for child in children(node):
                self.visit(child, place, names)

    def _try(self, node: ast.Try, place: Place, names: frozenset[str]) -> None:
        """Visit the parts of a `try`, each under the test of the imports before it, as what they bind is."""
        inner = place._replace(caught=place.caught + caught_by(node.handlers))
        tried: list[str] = []
        for statement in node.body:
            self.block([statement], inner.under(importable(tried)) if tried else inner, names)
            tried += self.tried(statement, place.at_import)
        test = importable(tried) if tried else Condition("unknown")
        for handler in node.handlers:
            self.block(handler.body, place.under(negated(test)), names)
        self.block(node.orelse, place.under(test), names)
        self.block(node.finalbody, place, names)

    def tried(self, node: ast.stmt, at_import: bool) -> list[str]:
        """The modules that a statement imports at the time at which it runs itself."""
        first = bisect_left(self.starts, node.lineno)
        last = bisect_right(self.starts, node.end_lineno or node.lineno)
        inside = self.imports[first:last]
        return [item.module for item in inside if item.module and item.place.at_import == at_import]

    def _annotated(self, node: ast.arg | ast.AnnAssign, place: Place, names: frozenset[str]) -> None:
        """Visit an annotation only where Python evaluates it: never on a local variable."""
        if isinstance(node, ast.AnnAssign) and node.value is not None:
            self.visit(node.value, place, names)
        evaluated = place.at_import or isinstance(node, ast.arg)
        if node.annotation is not None and evaluated and not self.postponed:
            self.visit(node.annotation, place, names)

    def _definition(self, node: _Definition, place: Place, names: frozenset[str]) -> None:
        body = node.body if isinstance(node.body, list) else [node.body]
        returns = getattr(node, "returns", None) if self.postponed else None
        for child in children(node):
            if child not in body and child is not returns:
                self.visit(child, place, names)
        if isinstance(node, ast.ClassDef):
            self.block(node.body, place, names - _bound_in_class(node))
            return
        inner = names - _locals(node)
        place = Place(False, place.guards)
        if isinstance(node, ast.Lambda):
            self.visit(node.body, place, inner)
        else:
            self.block(node.body, place, inner)


def _bound_in_class(node: ast.ClassDef) -> frozenset[str]:
    """The names of a class's own attributes and methods, which hide those of the module in its body."""
    found: set[str] = set()
    for item in node.body:
        if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(item.name)
        elif isinstance(item, ast.Assign | ast.AnnAssign):
            targets = item.targets if isinstance(item, ast.Assign) else [item.target]
            found.update(name.id for name in targets if isinstance(name, ast.Name))
    return frozenset(found)


def _locals(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> frozenset[str]:
    """The names that a function binds itself, by argument, assignment or import."""
    bound: set[str] = set()
    outer: set[str] = set()
    for child in walk(node):
        if isinstance(child, ast.arg):
            bound.add(child.arg)
        elif isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
            bound.add(child.id)
        elif isinstance(child, ast.alias):
            bound.add(child.asname or child.name.partition(".")[0])
        elif isinstance(child, ast.Global | ast.Nonlocal):
            outer.update(child.names)
        elif isinstance(child, ast.FunctionDef | ast.ClassDef) and child is not node:
            bound.add(child.name)
    return frozenset(bound - outer)
