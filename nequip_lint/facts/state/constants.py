"""Attributes of instances that stay what one statement makes them."""

from __future__ import annotations

import ast
from collections import Counter

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.details.state import Constant
from nequip_lint.facts.kind import File, Kind
from nequip_lint.facts.site import Site
from nequip_lint.source.positions import span_of


class Constants(Kind):
    """Every attribute of `self` that an assignment with no other target sets, and nothing else changes."""

    field = "constants"
    nodes = (ast.Assign, ast.Attribute)

    def __init__(self, file: File) -> None:
        super().__init__(file)
        self._changes: Counter[str] = Counter()

    def visit(self, node: ast.Assign | ast.Attribute, site: Site, parent: ast.AST) -> None:
        """Count what changes an attribute; keep the assignments."""
        if isinstance(node, ast.Attribute):
            if not isinstance(node.ctx, ast.Load):
                self._changes[dotted(node)] += 1
        elif len(node.targets) == 1 and dotted(node.targets[0]).startswith("self."):
            self.found.append(Constant(span_of(node), dotted(node.targets[0])))

    def facts(self) -> tuple[Constant, ...]:
        """Those that are set once."""
        return tuple(item for item in self.found if self._changes[item.name] == 1)
