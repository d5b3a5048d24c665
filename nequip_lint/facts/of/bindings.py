"""The names that a module binds itself, imports aside, and those of them that hold strings."""

from __future__ import annotations

import ast
from typing import Any

from nequip_lint.facts.conditions import condition_of
from nequip_lint.facts.kind import AT_IMPORT, Kind
from nequip_lint.facts.site import Site
from nequip_lint.facts.strings import strings_of
from nequip_lint.facts.values import TRUE, Binding, Condition
from nequip_lint.source.nodes import walk
from nequip_lint.source.positions import header_of

_UNKNOWN = Condition("unknown")
_Assignment = ast.Assign | ast.AnnAssign | ast.AugAssign
_HELD = (ast.List, ast.Tuple, ast.Set, ast.Call, ast.BinOp)


class Bindings(Kind):
    """Definitions, assignments, and the targets of loops and `with` at module level."""

    field = "bindings"
    nodes = (
        *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef),
        *(ast.Assign, ast.AnnAssign, ast.AugAssign),
        *(ast.For, ast.AsyncFor, ast.With, ast.AsyncWith),
    )
    functions = AT_IMPORT

    def visit(self, node: ast.stmt, site: Site, parent: ast.AST) -> None:
        """Keep the names that a statement binds."""
        if site.depth:
            return
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._keep(node.name, node, site, "function", TRUE)
            case ast.ClassDef():
                self._keep(node.name, node, site, "class", TRUE)
            case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
                for target in targets_of(node) if node.value is not None else ():
                    self._bind(target, site, node.value, "assign")
            case ast.For() | ast.AsyncFor():
                self._bind(node.target, site.under(_UNKNOWN), None, "loop")
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    if item.optional_vars is not None:
                        self._bind(item.optional_vars, site, None, "assign")

    def _bind(self, target: ast.expr, site: Site, value: ast.expr | None, kind: str) -> None:
        condition = _UNKNOWN if value is None else condition_of(value, self.file.names)
        for node in walk(target):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self._keep(node.id, node, site, kind, condition if node is target else _UNKNOWN)

    def _keep(self, name: str, node: ast.AST, site: Site, kind: str, value: Condition) -> None:
        self.found.append(Binding(name, header_of(node), kind, site.place, value))


class Literals(Kind):
    """The strings that names at module level hold; one that comes to hold something else is forgotten."""

    field = "literals"
    nodes = (ast.Assign, ast.AnnAssign, ast.AugAssign)
    functions = AT_IMPORT

    def visit(self, node: _Assignment, site: Site, parent: ast.AST) -> None:
        """Follow an assignment."""
        if site.depth or node.value is None:
            return
        known = self.file.literals
        is_literal = isinstance(node.value, _HELD) and not isinstance(node, ast.AugAssign)
        strings = strings_of(node.value, known) if is_literal else None
        for target in targets_of(node):
            if isinstance(target, ast.Name):
                known.pop(target.id, None)
                known.update({target.id: strings} if strings is not None else {})

    def facts(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """What names hold in the end."""
        return tuple(self.file.literals.items())


def targets_of(node: Any) -> list[ast.expr]:
    """The targets of an assignment of any form."""
    return node.targets if isinstance(node, ast.Assign) else [node.target]
