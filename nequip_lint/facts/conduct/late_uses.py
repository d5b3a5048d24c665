"""What functions do with imported names, and what a file does with other names of the same objects."""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Container

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.details.bodies import Alias, LateUse
from nequip_lint.facts.kind import AT_IMPORT, File, Kind
from nequip_lint.facts.of.library_uses import WATCHED, distant_roles, library_names
from nequip_lint.facts.roles import role_in
from nequip_lint.facts.site import Function, Scope, Site
from nequip_lint.facts.terms import spot_of
from nequip_lint.facts.values import Condition

_PASSIVE = frozenset({"read", "annotation", "kept", "probe"})
_Loop = ast.For | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


class LateUses(Kind):
    """Every use at work that `LibraryUses` does not keep: in other functions, and of names of own files.

    At import a plain read of an attribute of such a name is one too.
    A local name that is bound once to something imported stands for that.
    """

    field = "late_uses"
    nodes = (
        *(ast.Name, ast.Attribute, ast.Subscript, ast.Call, ast.ExceptHandler),
        *(ast.For, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
    )

    def __init__(self, file: File) -> None:
        super().__init__(file)
        self._libraries = library_names(file.imports, file.module)
        assigned = {item.name for item in file.bindings if item.kind == "assign"}
        self._names = assigned | {name for name, full in file.names.items() if _may_be_mocked(full)}
        self._roles: dict[ast.AST, str] = {}
        self._loops: list[_Loop] = []

    def visit(self, node: ast.AST, site: Site, parent: ast.AST) -> None:
        """Keep a use; note what subscripts and calls do with what they hold."""
        if isinstance(node, _Loop):
            self._loops.append(node)
        elif not isinstance(node, (ast.Name, ast.Attribute)):
            self._roles.update(distant_roles(node, is_kept=False))
            if isinstance(node, ast.Call) and not isinstance(parent, ast.Attribute):
                self._keep(node, meant(node, self._names), site, parent)
        elif not isinstance(parent, ast.Attribute) and isinstance(node.ctx, ast.Load):
            self._keep(node, dotted(node), site, parent)

    def _keep(self, node: ast.expr, written: str, site: Site, parent: ast.AST) -> None:
        how = self._roles.get(node) or role_in(parent, node)
        if how in _PASSIVE and not self._looks_up(written, how, site):
            return
        name = self._resolved(written, site.outermost)
        head = name.partition(".")[0]
        is_direct = name == written and isinstance(node, ast.Name | ast.Attribute) and not site.is_inner
        is_seen = (site.place.at_import or site.function in WATCHED) and head in self._libraries
        if head not in self._names or (is_direct and is_seen):
            return
        if site.function and head not in self.file.names and site.hides(head):
            return
        inner = _inner(site.scope) if site.is_inner else ""
        line, end = node.lineno, node.end_lineno or node.lineno
        loops = sum(item.lineno <= line and end <= (item.end_lineno or 0) for item in self._loops)
        guards = tuple(self._told(test, site.outermost) for test in site.place.guards)
        spot = spot_of(node, site)
        spot = spot._replace(place=spot.place._replace(guards=guards))
        self.found.append(LateUse(spot, name, how, inner, loops))

    def _looks_up(self, name: str, how: str, site: Site) -> bool:
        """Whether a plain read at import asks something of an own module for an attribute."""
        head, dot, _ = name.partition(".")
        top = self.file.names.get(head, "").partition(".")[0]
        is_own = bool(dot) and top == self.file.module.partition(".")[0]
        return is_own and site.place.at_import and how != "probe"

    def _resolved(self, name: str, scope: Scope | None) -> str:
        """A name, with what a local one is bound to."""
        head, dot, rest = name.partition(".")
        values = scope.values.get(head, ()) if scope is not None and head not in self._names else ()
        found = meant(values[0], self._names) if len(values) == 1 else ""
        return f"{found}{dot}{rest}" if found else name

    def _told(self, test: Condition, scope: Scope | None) -> Condition:
        """A test, with what a local name in it is bound to."""
        parts = tuple(self._told(part, scope) for part in test.parts)
        text = self._resolved(test.text, scope) if test.kind == "name" else test.text
        return Condition(test.kind, text, parts)


def meant(node: ast.AST, names: Container[str]) -> str:
    """The dotted name behind a value that is something imported, `getattr` and `partial` included.

    Args:
        node: the value.
        names: those that are followed.
    """
    name = dotted(node) if isinstance(node, ast.expr) else ""
    if isinstance(node, ast.Call) and node.args:
        called, given = dotted(node.func), dotted(node.args[0])
        key = node.args[1].value if len(node.args) > 1 and isinstance(node.args[1], ast.Constant) else None
        if called == "getattr" and isinstance(key, str) and given:
            name = f"{given}.{key}"
        elif called in ("partial", "functools.partial"):
            name = given
    return name if name.partition(".")[0] in names else ""


def _inner(scope: Scope | None) -> str:
    """The name of the innermost function; a lambda has none."""
    return scope.node.name if scope is not None and isinstance(scope.node, Function) else "lambda"


def _may_be_mocked(full: str) -> bool:
    top = full.partition(".")[0]
    return top != "torch" and top not in sys.stdlib_module_names


class Aliases(Kind):
    """The names at module level that are bound once, to an attribute of something that is imported."""

    field = "aliases"
    nodes = (ast.Assign,)
    functions = AT_IMPORT

    def __init__(self, file: File) -> None:
        super().__init__(file)
        self._counts = Counter(item.name for item in file.bindings)

    def visit(self, node: ast.Assign, site: Site, parent: ast.AST) -> None:
        """Keep a name."""
        name = meant(node.value, self.file.names)
        if site.depth or not name:
            return
        for target in node.targets:
            if isinstance(target, ast.Name) and self._counts[target.id] == 1:
                self.found.append(Alias(target.id, self.file.full(name)))
