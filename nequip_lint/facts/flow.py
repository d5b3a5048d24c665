"""The one walk over the statements of a file: what runs when, under which tests, inside of which handlers.

Nothing else in the linter knows what `if`, `try`, `with`, `match`, loops, classes and functions mean for
whether a statement runs. Kinds of facts say which nodes they want (`facts/kind.py`), and get each with its
site and the node around it, in source order, outer nodes first.
"""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from nequip_lint.facts.conditions import condition_of
from nequip_lint.facts.evaluation import DIVIDED, annotations_of, defaults_of, parts_of
from nequip_lint.facts.filling import is_filled
from nequip_lint.facts.kind import File, Kind, Visit
from nequip_lint.facts.matching import case_test
from nequip_lint.facts.packaged import tries_flag
from nequip_lint.facts.site import Site
from nequip_lint.facts.tries import caught_by, importable, leaves, suppressed
from nequip_lint.facts.values import PACKAGED, Condition, Place, negated
from nequip_lint.source.nodes import children

UNKNOWN = Condition("unknown")
_UNJUDGED = ("unknown", "loaded", "true", "false", "typing", "python")
"""Tests of which an `assert` tells nothing new about the statements after it."""
_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Handlers = dict[type[ast.AST], tuple[Visit, ...]]
_Table = tuple[_Handlers, bool]
"""What is done with nodes, and whether expressions are among them."""


def walk_file(file: File, kinds: Sequence[Kind]) -> None:
    """Show a file to some kinds of facts.

    Args:
        file: with its tree.
        kinds: each keeps what it finds.
    """
    if kinds:
        _Walk(file, kinds).block(file.tree.body, Site(Place(at_import=True)))


class _Walk:
    def __init__(self, file: File, kinds: Sequence[Kind]) -> None:
        self._file = file
        self._kinds = kinds
        self._named = frozenset(name for kind in kinds for name in kind.functions or ())
        self._tables: dict[tuple[str, bool], _Table] = {}
        self._unevaluated = _table(kind for kind in kinds if kind.sees_annotations)
        self._enter(_table(kinds))

    def block(self, body: Iterable[ast.stmt], site: Site) -> Site:
        """Walk a block; returns the site of whatever follows its last statement in the same block."""
        for node in body:
            site = self.statement(node, site)
        return site

    def statement(self, node: ast.stmt, site: Site) -> Site:
        """Walk one statement; returns the site of the next one in the block."""
        for visit in self._handlers.get(node.__class__, ()):
            visit(node, site, node)
        walk = _STATEMENTS.get(node.__class__)
        if walk is not None:
            return walk(self, node, site) or site
        if self._sees_expressions:
            self.expressions(children(node), site, node)
        return site

    def expressions(self, nodes: Iterable[ast.AST], site: Site, parent: ast.AST) -> None:
        """Walk the expressions of a statement."""
        if not self._sees_expressions:
            return
        handlers = self._handlers
        stack = [(node, site, parent) for node in reversed(list(nodes))]
        while stack:
            node, at, parent = stack.pop()
            kind = node.__class__
            if kind in handlers:
                for visit in handlers[kind]:
                    visit(node, at, parent)
            if kind in _LEAVES:
                continue
            if kind in DIVIDED:
                parts = reversed(parts_of(node, at, parent, self._file))
                stack += [(child, inner, node) for child, inner in parts]
            else:
                below = children(node)
                below.reverse()
                stack += [(child, at, node) for child in below]

    def if_(self, node: ast.If, site: Site) -> Site:
        self.expressions([node.test], site, node)
        test = condition_of(node.test, self._file.names)
        self.block(node.body, site.under(test))
        otherwise = site.under(negated(test))
        after = self.block(node.orelse, otherwise)
        return after if leaves(node.body) else site

    def assert_(self, node: ast.Assert, site: Site) -> Site:
        self.expressions(children(node), site, node)
        test = condition_of(node.test, self._file.names)
        return site if test.kind in _UNJUDGED else site.under(test)

    def try_(self, node: ast.Try, site: Site) -> None:
        caught = caught_by(node.handlers, self._file.names)
        is_asked = "NameError" in caught and tries_flag(node.body)
        inner = site.inside(caught)
        tried: list[str] = []
        for index, statement in enumerate(node.body):
            so_far = inner.under(PACKAGED) if is_asked and index else inner
            self.statement(statement, inner.under(importable(tried)) if tried else so_far)
            tried += self._imported(statement, site.place.at_import)
        test = importable(tried) if tried else PACKAGED if is_asked else UNKNOWN
        for handler in node.handlers:
            self._handler(handler, site, negated(test))
        self.block(node.orelse, site.under(test))
        self.block(node.finalbody, site)

    def _handler(self, node: ast.ExceptHandler, site: Site, test: Condition) -> None:
        for visit in self._handlers.get(ast.ExceptHandler, ()):
            visit(node, site, node)
        self.expressions([node.type] if node.type is not None else [], site, node)
        self.block(node.body, site.under(test))

    def _imported(self, node: ast.stmt, at_import: bool) -> list[str]:
        """The modules whose absence would end a statement of a `try`."""
        found = self._file.imports
        first = bisect_left(found, node.lineno, key=lambda item: item.span.line)
        end = node.end_lineno or node.lineno
        modules = []
        for item in found[first:]:
            if item.span.line > end:
                break
            if item.module and item.place.at_import == at_import:
                modules.append(item.module)
        return modules

    def with_(self, node: ast.With | ast.AsyncWith, site: Site) -> None:
        for item in node.items:
            self.expressions(children(item), site, node)
        caught = suppressed(node, self._file.names)
        inner = site.inside(caught)
        tried: list[str] = []
        for statement in node.body:
            inner = self.statement(statement, inner.under(importable(tried)) if tried else inner)
            tried = self._imported(statement, site.place.at_import) if caught else []

    def for_(self, node: ast.For | ast.AsyncFor, site: Site) -> None:
        inner = site if is_filled(node.iter, site, self._file.tree) else site.under(UNKNOWN)
        self.expressions([node.iter], site, node)
        self.expressions([node.target], inner, node)
        self.block(node.body, inner)
        self.block(node.orelse, site.under(UNKNOWN))

    def while_(self, node: ast.While, site: Site) -> None:
        self.expressions([node.test], site, node)
        is_endless = isinstance(node.test, ast.Constant) and bool(node.test.value)
        self.block(node.body, site if is_endless else site.under(condition_of(node.test, self._file.names)))
        self.block(node.orelse, site.under(UNKNOWN))

    def match_(self, node: ast.Match, site: Site) -> Site | None:
        self.expressions([node.subject], site, node)
        rest, after = site, site
        staying: list[Condition] = []
        for case in node.cases:
            test = case_test(node.subject, case, self._file.names)
            inner = rest.under(test)
            self.expressions([case.pattern], site if case is node.cases[0] else rest.under(UNKNOWN), node)
            self.expressions([case.guard] if case.guard is not None else [], rest.under(UNKNOWN), node)
            self.block(case.body, inner)
            rest = rest.under(negated(test)) if test.kind not in ("true", "unknown") else rest
            if not leaves(case.body):
                staying.append(test)
            elif test.kind == "true" and staying:
                is_known = all(one.kind != "unknown" for one in staying)
                after = site.under(Condition("any", parts=tuple(staying))) if is_known else after
            elif test.kind != "unknown":
                after = after.under(negated(test))
        return after

    def function(self, node: _Function, site: Site) -> None:
        self.expressions([*node.decorator_list, *defaults_of(node.args)], site, node)
        self._annotations(annotations_of(node), site, node, self._file.postpones_annotations)
        outer = self._table
        if not site.function:
            self._enter(self._inner(node.name, bool(site.owner)))
        if self._handlers:
            self.block(node.body, site.in_function(node))
        self._enter(outer)

    def _inner(self, name: str, is_method: bool) -> _Table:
        """What is wanted of the body of a function with a name."""
        key = name if name in self._named else "", is_method
        if key not in self._tables:
            kinds = (kind for kind in self._kinds if kind.methods or not is_method)
            self._tables[key] = _table(k for k in kinds if k.functions is None or name in k.functions)
        return self._tables[key]

    def _enter(self, table: _Table) -> None:
        self._table = table
        self._handlers, self._sees_expressions = table

    def _annotations(self, nodes: list[ast.expr], site: Site, node: ast.AST, is_postponed: bool) -> None:
        outer = self._table
        if is_postponed:
            self._enter(self._unevaluated)
            site = site._replace(is_evaluated=False)
        self.expressions(nodes, site, node)
        self._enter(outer)

    def class_(self, node: ast.ClassDef, site: Site) -> None:
        values = (keyword.value for keyword in node.keywords)
        self.expressions([*node.decorator_list, *node.bases, *values], site, node)
        self.block(node.body, site.in_class(node))

    def annotated(self, node: ast.AnnAssign, site: Site) -> None:
        """An annotation of a local variable is never evaluated (PEP 526)."""
        is_postponed = bool(site.function) or self._file.postpones_annotations
        self._annotations([node.annotation], site, node, is_postponed)
        self.expressions([node.value] if node.value is not None else [], site, node)
        self.expressions([node.target], site, node)

    def type_alias(self, node: ast.stmt, site: Site) -> None:
        """The value of a `type` statement is evaluated when something asks for it (PEP 695)."""


_COMPOUND: dict[str, Callable[[_Walk, Any, Site], Site | None]] = {
    "If": _Walk.if_,
    "Assert": _Walk.assert_,
    "Try": _Walk.try_,
    "TryStar": _Walk.try_,
    "With": _Walk.with_,
    "AsyncWith": _Walk.with_,
    "For": _Walk.for_,
    "AsyncFor": _Walk.for_,
    "While": _Walk.while_,
    "Match": _Walk.match_,
    "FunctionDef": _Walk.function,
    "AsyncFunctionDef": _Walk.function,
    "ClassDef": _Walk.class_,
    "AnnAssign": _Walk.annotated,
    "TypeAlias": _Walk.type_alias,
}
"""By name, since some Pythons lack some of them."""
_STATEMENTS = {getattr(ast, name): walk for name, walk in _COMPOUND.items() if hasattr(ast, name)}
_LEAVES = frozenset({ast.Name, ast.Constant})


def _table(kinds: Iterable[Kind]) -> _Table:
    found: _Handlers = {}
    for kind in kinds:
        for node in kind.nodes:
            found[node] = (*found.get(node, ()), kind.visit)
    return found, any(not issubclass(node, ast.stmt | ast.ExceptHandler) for node in found)
