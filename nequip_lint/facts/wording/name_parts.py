"""What code takes out of `__name__` or `__module__`, worked out for both names that a module has."""

from __future__ import annotations

import ast
import operator
import re
from typing import Any

from nequip_lint.facts.terms import last_name

_PACKAGED = "<torch_package_0>."
_METHODS = frozenset(
    {
        *("split", "rsplit", "partition", "rpartition", "removeprefix", "removesuffix", "replace", "strip"),
        *("lstrip", "lower", "upper", "count", "find", "rfind", "index", "rindex", "startswith", "endswith"),
        *("group", "groups", "groupdict"),
    }
)
_SEARCHES = frozenset({"match", "fullmatch", "search", "sub", "split", "findall"})
_LONGEST = 300
"""Texts that are longer are not worked with: source that nobody trusts must not cost time or memory."""
_REPEAT = re.compile(r"[*+{]")
_REPEATED_GROUP = re.compile(r"\)[*+{]")
_COMPARISONS: dict[type[ast.cmpop], Any] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}


class _Unknown(Exception):
    """What an expression gives is not known."""


def differs(node: ast.expr, module: str, roots: frozenset[str] = frozenset()) -> bool | None:
    """Whether an expression gives something else in a package; None where it is not worked out.

    Lists are left to what takes something out of them.

    Args:
        node: the expression.
        module: the name of the module where it is not one of a package.
        roots: names that hold that, besides `__name__` and `__module__`.
    """
    try:
        usual, packaged = (_result(node, name, roots) for name in (module, f"{_PACKAGED}{module}"))
    except _Unknown:
        return None
    if isinstance(usual, list | tuple | re.Match):
        return None
    return bool(usual != packaged) and not _keeps_all(node)


def is_marked(node: ast.expr, module: str) -> bool:
    """Whether a text that an expression gives in a package has the mark of packaged modules.

    Args:
        node: the expression.
        module: the name of the module where it is not one of a package.
    """
    try:
        found = _result(node, f"{_PACKAGED}{module}", frozenset())
    except _Unknown:
        return False
    return isinstance(found, str) and "<" in found


def _keeps_all(node: ast.expr) -> bool:
    """Whether an expression only writes a name in another way, as `__name__.replace(".", "_")` does."""
    match node:
        case ast.Call(
            func=ast.Attribute(attr="replace"), args=[ast.Constant(value=old), ast.Constant(value=new)]
        ):
            return len(str(old)) == len(str(new))
        case ast.Call(func=ast.Attribute(attr="lower" | "upper")):
            return True
    return False


def _result(node: ast.expr, name: str, roots: frozenset[str]) -> Any:
    try:
        return _value(node, name, roots)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, re.error) as error:
        return type(error).__name__


def _value(node: ast.expr, name: str, roots: frozenset[str]) -> Any:
    """What an expression gives where the module has a name."""
    match node:
        case ast.Constant(value=str() | int() | None as value):
            return value
        case ast.Name(id=own) if own in ("__name__", *roots):
            return name
        case ast.Name(id="__package__"):
            return name.removeprefix(_PACKAGED).rpartition(".")[0]
        case ast.Attribute(attr="__module__"):
            return name
        case ast.Subscript(value=owner, slice=index):
            return _value(owner, name, roots)[_index(index, name, roots)]
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_value(inner, name, roots)
        case ast.Compare(left=left, ops=[how], comparators=[right]) if type(how) in _COMPARISONS:
            return _COMPARISONS[type(how)](_value(left, name, roots), _value(right, name, roots))
        case ast.Dict(keys=keys) if all(isinstance(key, ast.Constant) for key in keys):
            return {key.value: index for index, key in enumerate(keys) if isinstance(key, ast.Constant)}
        case ast.Call(keywords=[]):
            return _called(node, [_value(item, name, roots) for item in node.args], name, roots)
    raise _Unknown


def _called(node: ast.Call, given: list[Any], name: str, roots: frozenset[str]) -> Any:
    function = node.func
    if isinstance(function, ast.Name) and function.id == "len":
        return len(given[0])
    if not isinstance(function, ast.Attribute):
        raise _Unknown
    if last_name(function.value) == "re" and function.attr in _SEARCHES and _is_fast(given[0]):
        return _short(getattr(re, function.attr)(*map(_short, given)))
    if function.attr not in _METHODS:
        raise _Unknown
    owner = _value(function.value, name, roots)
    if not isinstance(owner, str | re.Match | None):
        raise _Unknown
    return _short(getattr(owner, function.attr)(*map(_short, given)))


def _is_fast(pattern: str) -> bool:
    """Whether a pattern searches a short text fast: at most two repetitions, none of them of a group."""
    return len(_REPEAT.findall(pattern)) <= 2 and _REPEATED_GROUP.search(pattern) is None


def _short(value: Any) -> Any:
    """A value that is no long text, so that what is made of it stays small."""
    if isinstance(value, str) and len(value) > _LONGEST:
        raise _Unknown
    return value


def _index(node: ast.expr, name: str, roots: frozenset[str]) -> Any:
    if not isinstance(node, ast.Slice):
        return _value(node, name, roots)
    ends = (_value(item, name, roots) if item is not None else None for item in (node.lower, node.upper))
    return slice(*ends)
