"""Plain numbers, as far as an expression and the names in it tell."""

from __future__ import annotations

import ast

from nequip_lint.facts.attributes import set_by_methods
from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.objects.surroundings import Surroundings
from nequip_lint.facts.site import Function

_DEEPEST = 6
_EXACT = frozenset({"float", "int", "len"})
"""Functions that give plain numbers."""
_NUMBERS = frozenset({"int", "float", "complex", "bool"})
"""What an argument is annotated with that may be a number."""
_CONSTANTS = frozenset(f"{module}.{name}" for module in ("math", "numpy") for name in ("e", "inf", "pi"))


def is_plain(node: ast.expr, known: Surroundings, depth: int = _DEEPEST) -> bool:
    """Whether an expression is a number, as far as nothing tells that it is a tensor.

    Args:
        node: an operand.
        known: what names stand for there.
        depth: how many names to follow.
    """
    match node:
        case ast.Constant(value=int() | float() | complex()):
            return True
        case ast.UnaryOp(operand=operand):
            return is_plain(operand, known)
        case ast.BinOp(left=left, right=right):
            return is_plain(left, known) and is_plain(right, known)
        case ast.Call(func=ast.Name(id=name)):
            return name in _EXACT
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            values = (
                set_by_methods(known.own_class).get(f"self.{name}", []) if known.own_class and depth else []
            )
            return bool(values) and all(is_plain(item, known, depth - 1) for item in values)
        case ast.Attribute():
            return known.full(dotted(node)) in _CONSTANTS
        case ast.Name(id=name) if depth:
            value, _ = known.value(name)
            is_number = isinstance(value, ast.expr) and is_plain(value, known, depth - 1)
            return is_number or (value is None and _is_number_given(name, known))
    return False


def _is_number_given(name: str, known: Surroundings) -> bool:
    """Whether a name is an argument of a function around that nothing says to be more than a number."""
    functions = [known.scope.node, *(known.own_class.body if known.own_class is not None else ())]
    arguments = [
        item
        for node in functions
        if isinstance(node, Function) and node.name not in ("forward", "__call__")
        for item in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
        if item.arg == name
    ]
    said = [dotted(item.annotation) for item in arguments if item.annotation is not None]
    return bool(arguments) and _NUMBERS.issuperset(said)
