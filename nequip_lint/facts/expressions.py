"""What expressions contribute: `__import__` calls, called names, literal arguments."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.imports import absolute
from nequip_lint.facts.spans import span_of
from nequip_lint.facts.values import Import, Place
from nequip_lint.facts.walk import children

_LEAVES = (ast.Name, ast.Constant, ast.expr_context, ast.operator, ast.cmpop, ast.boolop, ast.unaryop)


def dunder_imports(nodes: Iterable[ast.expr], package: str, place: Place) -> list[Import]:
    """The literal `__import__` calls below some expressions."""
    found: list[Import] = []
    stack: list[tuple[ast.AST, bool]] = [(node, True) for node in nodes]
    while stack:
        node, walked = stack.pop()
        if isinstance(node, _LEAVES):
            continue
        is_call = isinstance(node, ast.Call)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "__import__":
            found += _dunder(node, package, place, walked)
        stack += ((child, walked and not is_call) for child in children(node))
    return found


def _dunder(node: ast.Call, package: str, place: Place, walked: bool) -> Iterator[Import]:
    given = _arguments(node)
    name = given.get("name")
    names, level = given.get("fromlist", ()), given.get("level", 0)
    if not isinstance(name, str) or not isinstance(level, int) or not isinstance(names, tuple | list):
        return
    span, level = span_of(node), max(level, 0)
    if names:
        pairs = tuple((str(item), str(item)) for item in names)
        yield Import(span, absolute(name, level, package), pairs, "__import__", place, walked, name)
        return
    yield Import(span, name, (), "__import__", place, walked, name)
    parent = name.rpartition(".")[0]
    if parent:
        yield Import(span, absolute(parent, level, package), (), "__import__", place, walked, parent)


def _arguments(node: ast.Call) -> dict[str, object]:
    """Literal arguments as torch.package reads them: `globals` and `locals` are looked over."""
    named = [("name", node.args[0])] if node.args else []
    named += list(zip(("fromlist", "level"), node.args[3:5], strict=False))
    named += [(k.arg, k.value) for k in node.keywords if k.arg in ("fromlist", "level")]
    given: dict[str, object] = {}
    for key, value in named:
        try:
            given[key] = ast.literal_eval(value)
        except (ValueError, TypeError):
            given[key] = None
    return given


def constructed_in(body: Iterable[ast.stmt]) -> tuple[str, ...]:
    """The dotted names called below some statements that look like classes, each once."""
    names: dict[str, None] = {}
    stack: list[ast.AST] = list(body)
    while stack:
        node = stack.pop()
        if isinstance(node, _LEAVES):
            continue
        if isinstance(node, ast.Call):
            name = dotted(node.func)
            if name and name.rpartition(".")[2][:1].isupper():
                names[name] = None
        stack += children(node)
    return tuple(names)


Literals = dict[str, tuple[str, ...]]
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
