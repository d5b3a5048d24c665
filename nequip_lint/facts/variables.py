"""Tests of environment variables, reduced to two: whether one is set, and whether it has a value."""

from __future__ import annotations

import ast
from typing import NamedTuple

from nequip_lint.facts.names import Names
from nequip_lint.facts.values import FALSE, Condition, negated

KIND = "variable"


class Read(NamedTuple):
    """A variable, and what is read in its place where it is not set."""

    name: str
    default: object = None


def read_of(node: ast.expr, names: Names) -> Read | None:
    """`os.environ[X]`, `os.environ.get(X, default)` or `os.getenv(X, default)`, with literals."""
    if isinstance(node, ast.Subscript):
        name = literal(node.slice) if is_environ(node.value, names) else None
        return Read(name) if isinstance(name, str) else None
    if not isinstance(node, ast.Call) or not _reads(node.func, names):
        return None
    given = [*node.args, *(item.value for item in node.keywords if item.arg == "default")]
    name = literal(given[0]) if given else None
    if not isinstance(name, str) or not all(isinstance(item, ast.Constant) for item in given):
        return None
    return Read(name, *map(literal, given[1:2]))


def is_environ(node: ast.expr, names: Names) -> bool:
    """Whether an expression is `os.environ`, whatever an import calls it."""
    return _last(node, names) == "environ"


def literal(node: ast.expr) -> object:
    """The value of a literal; None for anything else."""
    return node.value if isinstance(node, ast.Constant) else None


def truth(node: ast.expr, names: Names) -> Condition | None:
    """Whether what an expression reads from a variable counts as true; None where it reads none."""
    read = read_of(node, names)
    if read is None:
        return None
    filled = negated(_equals(read.name, ""))
    return filled if read.default else Condition("all", parts=(_is_set(read.name), filled))


def comparison(left: ast.expr, operator: ast.cmpop, right: ast.expr, names: Names) -> Condition | None:
    """A comparison of a variable with literals, or a test whether it is set; None for all others."""
    found = _positive(left, operator, right, names)
    if found is None:
        return None
    return negated(found) if isinstance(operator, ast.NotEq | ast.IsNot | ast.NotIn) else found


def _positive(left: ast.expr, operator: ast.cmpop, right: ast.expr, names: Names) -> Condition | None:
    if isinstance(operator, ast.In | ast.NotIn):
        return _membership(left, right, names)
    if not isinstance(operator, ast.Eq | ast.NotEq | ast.Is | ast.IsNot):
        return None
    read, other = read_of(left, names), right
    if read is None:
        read, other = read_of(right, names), left
    return None if read is None or not isinstance(other, ast.Constant) else _has(read, other.value)


def _membership(left: ast.expr, right: ast.expr, names: Names) -> Condition | None:
    name = literal(left)
    if isinstance(name, str) and is_environ(right, names):
        return _is_set(name)
    read = read_of(left, names)
    listed = right.elts if isinstance(right, ast.Tuple | ast.List | ast.Set) else ()
    if read is None or not listed or not all(isinstance(item, ast.Constant) for item in listed):
        return None
    return Condition("any", parts=tuple(_has(read, literal(item)) for item in listed))


def _has(read: Read, value: object) -> Condition:
    unset = negated(_is_set(read.name))
    if not isinstance(value, str):
        return unset if read.default == value else FALSE
    same = _equals(read.name, value)
    return Condition("any", parts=(same, unset)) if read.default == value else same


def _is_set(name: str) -> Condition:
    return Condition(KIND, name)


def _equals(name: str, value: str) -> Condition:
    return Condition(KIND, f"{name}={value}")


def _reads(function: ast.expr, names: Names) -> bool:
    if isinstance(function, ast.Attribute) and function.attr == "get":
        return is_environ(function.value, names)
    return _last(function, names) == "getenv"


def _last(node: ast.expr, names: Names) -> str:
    if isinstance(node, ast.Name):
        return names.last(node.id)
    return node.attr if isinstance(node, ast.Attribute) else ""
