"""From an expression to what rules ask about it."""

from __future__ import annotations

import ast

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.details.spots import Spot, Term
from nequip_lint.facts.details.wording import OWN_NAMES
from nequip_lint.facts.site import Site
from nequip_lint.source.nodes import walk
from nequip_lint.source.positions import span_of

_KEPT = (str, bytes, bool, int, float, type(None))
"""Constants that the cache reads again."""


def term_of(node: ast.expr) -> Term:
    """What rules ask about an argument or an index."""
    return Term(
        ast.unparse(node),
        dotted(node),
        (node.value,) if isinstance(node, ast.Constant) and isinstance(node.value, _KEPT) else (),
        dotted(node.func) if isinstance(node, ast.Call) else "",
        node.attr if isinstance(node, ast.Attribute) else "",
        dotted(node.value) if isinstance(node, ast.Subscript) else "",
        term_of(node.slice) if isinstance(node, ast.Subscript) else None,
        _start(node),
        tuple(sorted(_names(node))),
        tuple(map(dotted, elements(node))),
    )


def elements(node: ast.expr) -> list[ast.expr]:
    """What a display holds; of a dictionary the values."""
    if isinstance(node, ast.Dict):
        return node.values
    return node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else []


def own_names(node: ast.AST) -> set[str]:
    """Those of `__name__` and its like that an expression reads, also as `globals()["__name__"]`."""
    found: set[str] = set()
    for item in walk(node):
        if isinstance(item, ast.Name | ast.Attribute):
            found.add(last_name(item))
        elif isinstance(item, ast.Constant) and isinstance(item.value, str):
            found.add(item.value)
    return found & OWN_NAMES


def spot_of(node: ast.expr | ast.stmt, site: Site) -> Spot:
    """A node's region and site, as a fact keeps them."""
    return Spot(span_of(node), site.place, site.owner, site.function)


def argument(name: str, site: Site) -> str:
    """`@0` for the first argument of the function around a node, its object aside; '' for anything else."""
    scope = site.outermost
    if not name or scope is None or isinstance(scope.node, ast.ClassDef):
        return ""
    every = [item.arg for item in (*scope.node.args.posonlyargs, *scope.node.args.args)]
    names = every[1:] if site.owner else every
    return f"@{names.index(name)}" if name in names else ""


def last_name(node: ast.expr) -> str:
    """The last part of a name or an attribute, whatever it belongs to; '' for anything else."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _start(node: ast.expr) -> str:
    first = node.values[0] if isinstance(node, ast.JoinedStr) and node.values else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        first = node.left
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""


def _names(node: ast.expr) -> set[str]:
    found = (item for item in walk(node) if isinstance(item, ast.Name | ast.Attribute))
    keys = (item.slice for item in walk(node) if isinstance(item, ast.Subscript))
    return {last_name(item) for item in found}.union(*map(own_names, keys))
