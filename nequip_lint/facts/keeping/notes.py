"""What is noted of a file while it is walked, to judge its values afterwards."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.kind import File
from nequip_lint.facts.objects.named_classes import replaced
from nequip_lint.facts.objects.surroundings import Module
from nequip_lint.facts.objects.tables import Entry, added
from nequip_lint.facts.site import Function, Scope, Site
from nequip_lint.facts.terms import last_name

Statement = ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Expr | ast.Return


class Noted(NamedTuple):
    """A statement that may keep something, with the scope of the outermost function, or of the class."""

    node: Statement
    site: Site
    scope: Scope


class Notes:
    """What the judging of values needs of a whole file.

    Args:
        file: the file.
    """

    def __init__(self, file: File) -> None:
        self.file = file
        self.statements: list[Noted] = []
        self.fields: list[Noted] = []
        self.functions: list[tuple[Function, Site]] = []
        self.defined: list[tuple[str, ast.AST]] = []
        self.deleted: set[str] = set()
        self._identities: set[str] = set()
        self._moved: set[str] = set()
        self._added: dict[str, list[Entry]] = {}
        self._filled: set[str] = set()

    def add(self, node: ast.AST, site: Site) -> None:
        """Note what a node tells.

        Args:
            node: of the file.
            site: where it stands.
        """
        if not site.depth and not site.place.guards:
            self.defined += _defined(node)
            for name, entry in added(node):
                self._added.setdefault(name, []).append(entry)
        if isinstance(node, Function):
            if not site.function:
                self.functions.append((node, site.in_function(node)))
        elif isinstance(node, ast.Delete):
            self.deleted.update(map(dotted, node.targets))
        elif isinstance(node, ast.Compare):
            if any(isinstance(item, ast.Is | ast.IsNot) for item in node.ops):
                self._identities.update(map(dotted, node.comparators))
        elif isinstance(node, Statement):
            self._add_statement(node, site)

    def _add_statement(self, node: Statement, site: Site) -> None:
        self._moved.update(_moved(node, site) if isinstance(node, ast.Assign) else ())
        self._filled.update(name for name, _ in added(node) if site.depth)
        is_of_class = site.depth == 1 and not site.function and site.scope is not None
        if isinstance(node, ast.AnnAssign) and is_of_class and site.scope is not None:
            self.fields.append(Noted(node, site, site.scope))
        if site.outermost is not None and not (isinstance(node, ast.Return) and site.is_inner):
            self.statements.append(Noted(node, site, site.outermost))

    def module(self) -> Module:
        """What the names of the file stand for."""
        counts = Counter(name for name, _ in self.defined)
        top = {name: value for name, value in self.defined if counts[name] == 1}
        lost = replaced(self.defined, self.file)
        top |= {name: value for name, value in self.defined if name in lost and _makes_itself(name, value)}
        return Module(
            self.file,
            top,
            frozenset(self._identities),
            frozenset(self._moved),
            lost,
            frozenset(counts),
            self._added,
            frozenset(self._filled),
        )


def _makes_itself(name: str, value: ast.AST) -> bool:
    """Whether a name of a class is bound to an object of it."""
    return isinstance(value, ast.Call) and dotted(value.func) == name


def _defined(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node, Function | ast.ClassDef):
        yield node.name, node
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Name):
                yield target.id, node.value
            elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = zip(target.elts, node.value.elts, strict=False)
                yield from ((one.id, value) for one, value in pairs if isinstance(one, ast.Name))
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
        yield node.target.id, node.value


def _moved(node: ast.Assign, site: Site) -> Iterator[str]:
    """The classes whose `__module__` a statement sets, after them or in their bodies."""
    inside = site.scope.node if site.scope is not None else None
    for target in node.targets:
        if last_name(target) == "__module__" and isinstance(target, ast.Attribute):
            yield dotted(target.value)
        elif last_name(target) == "__module__" and isinstance(inside, ast.ClassDef):
            yield inside.name
