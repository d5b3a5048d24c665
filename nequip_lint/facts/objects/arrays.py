"""Objects of numpy: arrays, with the numbers that come out of them, and random generators."""

from __future__ import annotations

import ast

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.details.kept import ARRAY, RANDOM
from nequip_lint.facts.objects.plain_numbers import is_plain
from nequip_lint.facts.objects.surroundings import Surroundings
from nequip_lint.tables import table

SHOWN = {ARRAY: "an array or a number of numpy", RANDOM: "a random generator of numpy"}
_DEEPEST = 6
_PASSING_ON = frozenset({"list", "tuple", "set", "sorted", "max", "min", "sum", "abs"})


def of_numpy(node: ast.AST | None, known: Surroundings, depth: int = _DEEPEST) -> str:
    """The category of what numpy surely makes, else ''.

    Args:
        node: an expression.
        known: what names stand for there.
        depth: how many names and operands to look into.
    """
    if not depth:
        return ""
    match node:
        case ast.Name(id=name):
            value = known.value(name)[0]
            is_one = value is not None and not isinstance(value, ast.Tuple | ast.List)
            return of_numpy(value if is_one else known.scope.parts.get(name), known, depth - 1)
        case ast.Call():
            return _of_call(node, known, depth)
        case ast.BinOp(left=left, right=right):
            return ARRAY if _are_numbers((left, right), known, depth) else ""
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() | ast.Invert(), operand=operand):
            return of_numpy(operand, known, depth - 1)
        case ast.Subscript(value=owner):
            return _of_array(owner, known, depth)
        case ast.Attribute(value=owner, attr=name) if name not in table("numpy")["plain"]["attributes"]:
            return _of_array(owner, known, depth)
    return ""


def _of_array(owner: ast.expr, known: Surroundings, depth: int) -> str:
    """What an array gives: another array, or a number of numpy."""
    return ARRAY if of_numpy(owner, known, depth - 1) == ARRAY else ""


def _are_numbers(sides: tuple[ast.expr, ast.expr], known: Surroundings, depth: int) -> bool:
    """Whether one side is an array, and the other one as well or a plain number."""
    others = [side for side in sides if of_numpy(side, known, depth - 1) != ARRAY]
    return len(others) < len(sides) and all(is_plain(side, known) for side in others)


def _of_call(node: ast.Call, known: Surroundings, depth: int) -> str:
    full = known.full(dotted(node.func))
    if full.startswith("numpy."):
        return _of_function(full, node, known)
    if isinstance(node.func, ast.Name):
        is_passed = node.func.id in _PASSING_ON and len(node.args) == 1
        return _of_array(node.args[0], known, depth) if is_passed else ""
    if not isinstance(node.func, ast.Attribute):
        return ""
    name = node.func.attr
    if name == "numpy" and not node.args:
        return ARRAY
    owner = of_numpy(node.func.value, known, depth - 1)
    if owner == RANDOM:
        return ARRAY if _is_sized(name, node) else ""
    return owner if name not in table("numpy")["plain"]["methods"] else ""


def _of_function(full: str, node: ast.Call, known: Surroundings) -> str:
    """What a function of numpy gives; of tensors of torch it may give tensors."""
    _, _, inner = full.partition(".")
    head, _, last = inner.rpartition(".")
    if head == "random":
        if last in table("numpy")["random"]["made"]:
            return RANDOM
        return ARRAY if _is_sized(last, node) else ""
    is_listed = head in ("", "linalg", "fft", "polynomial.legendre", "polynomial.hermite")
    if not is_listed or last in table("numpy")["plain"]["numpy"] or last.endswith("Error"):
        return ""
    return "" if any(_is_tensor(item, known) for item in node.args) else ARRAY


def _is_sized(name: str, node: ast.Call) -> bool:
    """Whether a draw gives an array, and no plain number."""
    is_told = bool(node.args) and name in table("numpy")["random"]["sized"]
    return is_told or any(item.arg == "size" for item in node.keywords)


def _is_tensor(node: ast.expr, known: Surroundings) -> bool:
    value = known.value(node.id)[0] if isinstance(node, ast.Name) else node
    return isinstance(value, ast.Call) and known.full(dotted(value.func)).startswith("torch.")
