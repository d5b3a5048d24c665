"""Literal iterables of strings, as registrations take them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping

from nequip_lint.facts.conditions import dotted

Literals = Mapping[str, tuple[str, ...]]
_CONTAINERS = ("list", "set", "tuple", "frozenset")


def literal_arguments(node: ast.Call, known: Literals) -> tuple[tuple[str, tuple[str, ...] | None], ...]:
    """The arguments of a call that are iterables of strings; None where they are computed.

    Args:
        node: the call.
        known: module-level names that hold such iterables.
    """
    given = [("**" if isinstance(value, ast.Starred) else "", value) for value in node.args]
    given += [(keyword.arg or "**", keyword.value) for keyword in node.keywords]
    return tuple((name, strings_of(value, known)) for name, value in given)


def strings_of(node: ast.expr, known: Literals) -> tuple[str, ...] | None:
    """The strings of a literal iterable; a bare string counts as its letters, as `set("abc")` does."""
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.Call) and len(node.args) == 1 and dotted(node.func) in _CONTAINERS:
        return strings_of(node.args[0], known)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _joined([node.left, node.right], known)
    if isinstance(node, ast.List | ast.Tuple | ast.Set) and any(
        isinstance(e, ast.Starred) for e in node.elts
    ):
        return _joined([e.value if isinstance(e, ast.Starred) else ast.List([e]) for e in node.elts], known)
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError):
        return None
    if value is None:
        return ()
    if isinstance(value, str):
        return tuple(sorted(set(value)))
    if isinstance(value, list | tuple | set | frozenset) and all(isinstance(item, str) for item in value):
        return tuple(sorted(value)) if isinstance(value, set | frozenset) else tuple(value)
    return None


def _joined(nodes: Iterable[ast.expr], known: Literals) -> tuple[str, ...] | None:
    joined: tuple[str, ...] = ()
    for node in nodes:
        strings = strings_of(node, known)
        if strings is None:
            return None
        joined += strings
    return joined
