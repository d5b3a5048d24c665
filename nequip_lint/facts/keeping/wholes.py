"""The object of which something with a local name is a part."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import lru_cache

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.site import Scope
from nequip_lint.source.nodes import walk

_PASSING = frozenset({"list", "tuple", "reversed", "enumerate", "sorted", "iter", "next"})
_GIVING = frozenset(
    {
        *("modules", "children", "named_modules", "named_children", "get_submodule"),
        *("parameters", "named_parameters", "get_parameter", "values", "items"),
    }
)
"""Methods that give parts of their object."""
_DEEPEST = 4


def whole_of(name: str, scope: Scope, depth: int = _DEEPEST) -> str:
    """The name of the object of which something is a part; the name itself where it is no part.

    Args:
        name: a local name of a function.
        scope: of the function.
        depth: how many parts of parts to follow.
    """
    if name in scope.arguments or not depth:
        return name
    owners = {_owner(source, is_part) for source, is_part in _sources(scope.node).get(name, ())}
    owner = owners.pop() if len(owners) == 1 else ""
    return whole_of(owner, scope, depth - 1) if owner and owner != name else name


@lru_cache(maxsize=32)
def _sources(node: ast.AST) -> Mapping[str, list[tuple[ast.expr, bool]]]:
    """What the names of a definition are bound to, and whether they are elements of that."""
    found: dict[str, list[tuple[ast.expr, bool]]] = {}
    for item in walk(node):
        match item:
            case ast.Assign(targets=[ast.Name(id=bound)], value=value):
                found.setdefault(bound, []).append((value, False))
            case ast.For(target=target, iter=source):
                for name in _names(target):
                    found.setdefault(name, []).append((source, True))
    return found


def _owner(node: ast.expr, is_part: bool) -> str:
    match node:
        case ast.Name(id=name):
            return name if is_part else ""
        case ast.Subscript(value=value) | ast.Attribute(value=value):
            return _owner(value, True)
        case ast.Call(func=ast.Attribute(value=value, attr=attr)) if attr in _GIVING:
            return _owner(value, True)
        case ast.Call(func=function, args=[given, *_]) if dotted(function) in _PASSING:
            return _owner(given, is_part)
    return ""


def _names(target: ast.expr) -> set[str]:
    return {item.id for item in walk(target) if isinstance(item, ast.Name)}
