"""Accesses to `sys.modules`, `os.environ` and `__path__` by an index."""

from __future__ import annotations

import ast

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.details.state import Item
from nequip_lint.facts.kind import Kind
from nequip_lint.facts.site import Site
from nequip_lint.facts.terms import last_name, spot_of, term_of

_OWNERS = frozenset({"sys.modules", "os.environ", "__path__"})
_REFUSING_NONE = frozenset({("getattr", 2), ("setattr", 3), ("vars", 1)})
"""Functions, with the number of their arguments, that raise for None."""


class Items(Kind):
    """Every such access, and every use of what `sys.modules.get` gives that None refuses."""

    field = "items"
    nodes = (ast.Subscript, ast.Attribute, ast.Call)
    words = ("modules", "environ", "__path__")

    def visit(self, node: ast.Subscript | ast.Attribute | ast.Call, site: Site, parent: ast.AST) -> None:
        """Keep an access."""
        if isinstance(node, ast.Subscript):
            owner = self.file.full(dotted(node.value))
            if owner in _OWNERS or owner.endswith(".__path__"):
                access = type(node.ctx).__name__.lower()
                self.found.append(Item(spot_of(node, site), owner, term_of(node.slice), access))
        elif isinstance(node, ast.Call) and node.args and self._names(node.func, "sys.modules.setdefault"):
            self.found.append(Item(spot_of(node, site), "sys.modules", term_of(node.args[0]), "store"))
        used, exception = _used(node)
        if isinstance(used, ast.Call) and self._names(used.func, "sys.modules.get"):
            self._got(used, site, exception)

    def _got(self, node: ast.Call, site: Site, exception: str) -> None:
        if len(node.args) == 1 and not node.keywords:
            self.found.append(
                Item(spot_of(node, site), "sys.modules", term_of(node.args[0]), "get", exception)
            )

    def _names(self, node: ast.expr, full: str) -> bool:
        return self.file.full(dotted(node)) == full


def _used(node: ast.Subscript | ast.Attribute | ast.Call) -> tuple[ast.expr | None, str]:
    """What an expression uses in a way that None refuses, and the exception that this raises."""
    if isinstance(node, ast.Subscript):
        return node.value, "TypeError"
    if isinstance(node, ast.Attribute):
        return (None if hasattr(None, node.attr) else node.value), "AttributeError"
    name = last_name(node.func)
    if (name, len(node.args)) not in _REFUSING_NONE:
        return None, ""
    return node.args[0], "TypeError" if name == "vars" else "AttributeError"
