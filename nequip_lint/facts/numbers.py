"""Which values are numbers, or hold nothing else: these have the same hash in every process."""

from __future__ import annotations

import ast

from nequip_lint.facts.site import Scope
from nequip_lint.facts.terms import last_name

GIVE_NUMBERS = frozenset({"tolist", "item", "numpy", "around", "round", "int", "float", "len", "ord"})
"""Functions that give numbers, and nothing else."""
_KEEP = frozenset({"tuple", "frozenset", "sorted", "list", "set", "reversed"})
_DEEPEST = 5


def is_of_numbers(node: ast.AST, scope: Scope | None, depth: int = _DEEPEST) -> bool:
    """Whether a value is a number or holds only numbers, as far as its function shows.

    Args:
        node: the value.
        scope: of the function around it; None at module level.
        depth: how many names and containers to look into.
    """
    match node:
        case ast.Constant(value=value):
            return isinstance(value, int | float | complex)
        case ast.Name(id=name) if scope is not None and depth:
            values = scope.values.get(name, [])
            return bool(values) and all(is_of_numbers(item, scope, depth - 1) for item in values)
        case ast.Tuple(elts=parts) | ast.List(elts=parts) if depth:
            return all(is_of_numbers(item, scope, depth - 1) for item in parts)
        case ast.BinOp(left=left, op=ast.Add(), right=right) if depth:
            return any(is_of_numbers(item, scope, depth - 1) for item in (left, right))
        case ast.Call(func=function, args=[first, *_]) if last_name(function) in _KEEP and depth:
            return is_of_numbers(first, scope, depth - 1)
        case ast.Call(func=function):
            return last_name(function) in GIVE_NUMBERS
    return False
