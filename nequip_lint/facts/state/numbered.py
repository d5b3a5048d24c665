"""Attributes that hold what `id()` says of objects."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.conduct.changing import CHANGING
from nequip_lint.facts.details.state import Numbered
from nequip_lint.facts.kind import Kind
from nequip_lint.facts.site import Site
from nequip_lint.facts.terms import spot_of
from nequip_lint.source.nodes import walk


class NumberedThings(Kind):
    """Every attribute in which a method puts such a number, or something under one."""

    field = "numbered"
    nodes = (ast.Assign, ast.Call)
    words = ("id",)

    def visit(self, node: ast.Assign | ast.Call, site: Site, parent: ast.AST) -> None:
        """Keep an attribute."""
        for owner, put in _put(node):
            name = dotted(owner)
            if site.owner and name.startswith("self.") and any(map(_is_number, walk(put))):
                self.found.append(Numbered(spot_of(node, site), name))


def _put(node: ast.Assign | ast.Call) -> Iterator[tuple[ast.expr, ast.expr]]:
    """What something is put into, with what that is, or under which key."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Subscript):
                yield target.value, target.slice
            else:
                yield target, node.value
    elif isinstance(node.func, ast.Attribute) and node.func.attr in CHANGING:
        yield from ((node.func.value, given) for given in node.args)


def _is_number(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and dotted(node.func) == "id"
