"""Containers at module level, and of classes, that hold something from the start."""

from __future__ import annotations

import ast

from nequip_lint.facts.kind import AT_IMPORT, Kind
from nequip_lint.facts.site import Site

_CONTAINERS = ("dict", "list", "set", "frozenset", "tuple", "OrderedDict", "Counter", "ChainMap", "deque")


class Filled(Kind):
    """The names, with their classes, of such containers."""

    field = "filled"
    nodes = (ast.Assign, ast.AnnAssign)
    functions = AT_IMPORT

    def visit(self, node: ast.Assign | ast.AnnAssign, site: Site, parent: ast.AST) -> None:
        """Keep a name."""
        if site.function or node.value is None or not self._is_filled(node.value):
            return
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            if isinstance(target, ast.Name):
                self.found.append(f"{site.owner}.{target.id}" if site.owner else target.id)

    def _is_filled(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Dict):
            return bool(node.values)
        if isinstance(node, ast.List | ast.Set | ast.Tuple):
            return bool(node.elts)
        if isinstance(node, ast.Call):
            return self.file.last(node.func) in _CONTAINERS and bool(node.args or node.keywords)
        return not isinstance(node, ast.Constant) or bool(node.value)


class Shared(Kind):
    """The names that the bodies of classes assign."""

    field = "shared"
    nodes = (ast.Assign, ast.AnnAssign)
    functions = AT_IMPORT

    def visit(self, node: ast.Assign | ast.AnnAssign, site: Site, parent: ast.AST) -> None:
        """Keep a name."""
        if site.owner and not site.function and site.depth == 1 and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = (target.id for target in targets if isinstance(target, ast.Name))
            self.found += [f"{site.owner}.{name}" for name in names]
