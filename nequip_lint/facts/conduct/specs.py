"""Attributes of what `importlib.util.find_spec` gives, which is None for what the environment lacks."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.details.needs import SpecRead
from nequip_lint.facts.kind import File, Kind
from nequip_lint.facts.site import Site
from nequip_lint.facts.terms import spot_of, term_of
from nequip_lint.facts.values import Condition

_FIND = "importlib.util.find_spec"


class SpecReads(Kind):
    """Every such read that stands under no test of the spec."""

    field = "spec_reads"
    nodes = (ast.Attribute, ast.Assign)
    words = ("find_spec",)

    def __init__(self, file: File) -> None:
        super().__init__(file)
        self._held: dict[tuple[str, str], ast.expr] = {}

    def visit(self, node: ast.Attribute | ast.Assign, site: Site, parent: ast.AST) -> None:
        """Keep a read; follow an assignment."""
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    self._held.pop((site.function, target.id), None)
                    asked = self._asked(node.value)
                    self._held.update({(site.function, target.id): asked} if asked is not None else {})
            return
        name = dotted(node.value)
        asked = self._asked(node.value)
        if asked is None and not _names(site.place.guards, name):
            asked = self._held.get((site.function, name))
        if asked is not None:
            self.found.append(SpecRead(spot_of(node, site), term_of(asked)))

    def _asked(self, node: ast.expr) -> ast.expr | None:
        """What a call of the function asks for."""
        is_find = isinstance(node, ast.Call) and self.file.full(dotted(node.func)) == _FIND
        return node.args[0] if is_find and isinstance(node, ast.Call) and node.args else None


def _names(tests: Iterable[Condition], name: str) -> bool:
    """Whether some test asks about a name."""
    return any(test.text == name or _names(test.parts, name) for test in tests)
