"""Calls that make the warnings of others errors, and leave them so."""

from __future__ import annotations

import ast
from typing import Any

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.details.state import Strict
from nequip_lint.facts.kind import File, Kind
from nequip_lint.facts.site import Site
from nequip_lint.facts.terms import last_name, spot_of
from nequip_lint.facts.variables import literal
from nequip_lint.source.nodes import walk

_FILTERS = {
    "warnings.simplefilter": ("action", "category", "lineno"),
    "warnings.filterwarnings": ("action", "message", "category", "module", "lineno"),
}
_NARROWING = ("message", "module", "lineno")
_BROAD = ("", "Warning", "UserWarning")
_LENIENT = ("ignore", "default", "once", "always", "module")


class StrictWarnings(Kind):
    """Every such call, unless a context or a later call of the file takes it back."""

    field = "strict"
    nodes = (ast.Call, ast.With)
    words = ("simplefilter", "filterwarnings")

    def __init__(self, file: File) -> None:
        super().__init__(file)
        self._passing: set[ast.AST] = set()
        self._lenient = 0

    def visit(self, node: ast.Call | ast.With, site: Site, parent: ast.AST) -> None:
        """Keep a call; note what is taken back."""
        if isinstance(node, ast.With):
            made = [item.context_expr for item in node.items if isinstance(item.context_expr, ast.Call)]
            if any(self.file.last(item.func) == "catch_warnings" for item in made):
                self._passing.update(walk(node))
            return
        name = self.file.full(dotted(node.func))
        if name == "warnings.resetwarnings":
            self._lenient = node.lineno
        elif name in _FILTERS and node not in self._passing:
            self._keep(node, dict(zip(_FILTERS[name], node.args, strict=False)), site)

    def _keep(self, node: ast.Call, given: dict[str, ast.expr], site: Site) -> None:
        given |= {item.arg: item.value for item in node.keywords if item.arg}
        action = literal(given["action"]) if "action" in given else None
        is_narrow = any(name in given and literal(given[name]) != "" for name in _NARROWING)
        is_broad = last_name(given["category"]) in _BROAD if "category" in given else True
        if action == "error" and is_broad and not is_narrow:
            self.found.append(Strict(spot_of(node, site)))
        elif action in _LENIENT and is_broad and (not is_narrow or "TypedStorage" in ast.unparse(node)):
            self._lenient = node.lineno

    def facts(self) -> tuple[Any, ...]:
        """What nothing takes back."""
        return tuple(item for item in self.found if item.spot.span.line > self._lenient)
