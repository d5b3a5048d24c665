"""Tests whether a module is one of a package: `"__torch_package__" in globals()` and its relatives."""

from __future__ import annotations

import ast

from nequip_lint.facts.values import PACKAGED, Condition, negated
from nequip_lint.facts.variables import literal

FLAG = "__torch_package__"
PREFIX = "torch_package"
_NAMES = ("__name__", "__file__", "__module__")
"""What has the mark in a package, as `__package__` and `__spec__.name` have not (torch 2.13)."""
_NAMESPACES = ("globals", "vars", "dir", "locals")


def asks_packaged(node: ast.expr) -> Condition | None:
    """The test that an expression makes of a package; None for any other.

    Args:
        node: of a comparison, a call or a name.
    """
    match node:
        case ast.Compare(ops=[ast.In() | ast.NotIn() as operator], left=left, comparators=[right]):
            if not _is_in(left, right):
                return None
            return negated(PACKAGED) if isinstance(operator, ast.NotIn) else PACKAGED
        case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=str(name)), *_]):
            return PACKAGED if name == FLAG else None
        case ast.Call(func=ast.Name(id="hasattr" | "getattr"), args=[_, ast.Constant(value=str(name)), *_]):
            return PACKAGED if name == FLAG else None
        case ast.Call(func=ast.Attribute(attr="startswith", value=owner), args=[prefix]):
            return PACKAGED if _is_own_name(owner) and PREFIX in str(literal(prefix)) else None
        case ast.Call(func=ast.Attribute(attr="is_from_package") | ast.Name(id="is_from_package")):
            return PACKAGED
        case ast.Name(id=name) if name == FLAG:
            return PACKAGED
    return None


def tries_flag(body: list[ast.stmt]) -> bool:
    """Whether a `try` begins with the flag that only modules of a package have."""
    return bool(body) and any(isinstance(item, ast.Name) and item.id == FLAG for item in ast.walk(body[0]))


def _is_in(left: ast.expr, right: ast.expr) -> bool:
    text = literal(left)
    if text == FLAG:
        called = right.func if isinstance(right, ast.Call) else None
        return (isinstance(called, ast.Name) and called.id in _NAMESPACES) or _is_own_dict(right)
    return isinstance(text, str) and PREFIX in text and _is_own_name(right)


def _is_own_dict(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "__dict__"


def _is_own_name(node: ast.expr) -> bool:
    return ast.unparse(node).endswith(_NAMES)
