"""What a class keeps on its instances, as far as it cannot be pickled or changes when it is."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.detailed.pickled_values import Surroundings, judge
from nequip_lint.facts.details import Kept
from nequip_lint.facts.kind import File, Kind
from nequip_lint.facts.site import Function, Scope, Site
from nequip_lint.facts.terms import last_name, spot_of

_HOOK = re.compile(r"register_(?:module_)?(?:full_)?(?:forward|backward)(?:_pre)?_hook\Z")
_Statement = ast.Assign | ast.AnnAssign | ast.Expr


class KeptAttributes(Kind):
    """Every such attribute that a method sets and nothing in the file deletes."""

    field = "kept"
    nodes = (
        *(ast.Assign, ast.AnnAssign, ast.Expr, ast.Delete, ast.Compare),
        *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef),
    )

    def __init__(self, file: File) -> None:
        super().__init__(file)
        self._statements: list[tuple[_Statement, Site, Scope]] = []
        self._defined: list[tuple[str, ast.AST]] = []
        self._deleted: set[str] = set()
        self._identities: set[str] = set()
        self._moved: set[str] = set()

    def visit(self, node: ast.AST, site: Site, parent: ast.AST) -> None:
        """Note what is needed to judge the attributes once the file has been walked."""
        if not site.depth and not site.place.guards:
            self._defined += _defined(node)
        if isinstance(node, ast.Delete):
            self._deleted.update(map(dotted, node.targets))
        elif isinstance(node, ast.Compare):
            if any(isinstance(item, ast.Is | ast.IsNot) for item in node.ops):
                self._identities.update(map(dotted, node.comparators))
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.Expr):
            self._moved.update(_moved(node, site))
            if site.owner and site.outermost is not None:
                self._statements.append((node, site, site.outermost))

    def facts(self) -> tuple[Kept, ...]:
        """What the methods keep."""
        counts = Counter(name for name, _ in self._defined)
        top = {name: value for name, value in self._defined if counts[name] == 1}
        identities, moved = frozenset(self._identities), frozenset(self._moved)
        return tuple(
            fact
            for node, site, scope in self._statements
            for fact in self._kept(node, site, Surroundings(self.file, scope, top, identities, moved))
        )

    def _kept(self, node: _Statement, site: Site, known: Surroundings) -> Iterator[Kept]:
        if isinstance(node, ast.Expr):
            yield from _hook(node.value, site, known)
        elif node.value is not None:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                name = dotted(target)
                if name.startswith("self.") and name not in self._deleted:
                    category, what = judge(node.value, known)
                    if category:
                        yield Kept(spot_of(node.value, site), name, category, what)


def _hook(node: ast.expr, site: Site, known: Surroundings) -> Iterator[Kept]:
    """A function that a module keeps as a hook."""
    name = dotted(node.func) if isinstance(node, ast.Call) else ""
    owner, _, method = name.rpartition(".")
    if isinstance(node, ast.Call) and name.startswith("self.") and _HOOK.match(method) and node.args:
        category, what = judge(node.args[0], known)
        if category == "function":
            yield Kept(spot_of(node.args[0], site), f"a hook of {owner}", category, what)


def _defined(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node, Function | ast.ClassDef):
        yield node.name, node
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Name):
                yield target.id, node.value
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
        yield node.target.id, node.value


def _moved(node: _Statement, site: Site) -> Iterator[str]:
    """The classes whose `__module__` a statement sets, after them or in their bodies."""
    inside = site.scope.node if site.scope is not None else None
    for target in node.targets if isinstance(node, ast.Assign) else ():
        if last_name(target) == "__module__" and isinstance(target, ast.Attribute):
            yield dotted(target.value)
        elif last_name(target) == "__module__" and isinstance(inside, ast.ClassDef):
            yield inside.name
