"""Which loops and comprehensions certainly run: those over something that certainly has items."""

from __future__ import annotations

import ast
from functools import lru_cache

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.site import Site
from nequip_lint.source.nodes import walk

_PASSING = frozenset({"enumerate", "frozenset", "iter", "list", "reversed", "set", "sorted", "tuple"})
"""Functions that give as many items as they are given, or fewer, but some."""
_TAKING = frozenset(
    {
        *("all", "any", "bytes", "deque", "dict", "frozenset", "list", "max", "min", "next", "set", "sorted"),
        *("sum", "tuple"),
    }
)
"""Functions that take at least one item of what they are given."""
_VIEWS = frozenset({"items", "keys", "values"})
_CHANGING = frozenset({"clear", "discard", "pop", "popitem", "popleft", "remove"})


def is_filled(node: ast.expr, site: Site, tree: ast.Module) -> bool:
    """Whether an iterable certainly has an item.

    Args:
        node: the iterable.
        site: where it stands.
        tree: of the file, whose names at module level count.
    """
    match node:
        case ast.Name(id=name):
            return name in _filled_names(tree) and not site.hides(name)
        case ast.Call(func=ast.Name(id="zip"), args=given):
            return bool(given) and all(is_filled(item, site, tree) for item in given)
        case ast.Call(func=ast.Name(id=name), args=[first, *_]) if name in _PASSING:
            return is_filled(first, site, tree)
        case ast.Call(func=ast.Attribute(value=owner, attr=attribute), args=[]) if attribute in _VIEWS:
            return is_filled(owner, site, tree)
    return _is_written_out(node)


def is_taken(parent: ast.AST, node: ast.AST) -> bool:
    """Whether a call takes an item of what it is given.

    Args:
        parent: the node around.
        node: what may be its argument.
    """
    if not isinstance(parent, ast.Call) or node not in parent.args[:1]:
        return False
    function = parent.func
    is_join = isinstance(function, ast.Attribute) and function.attr == "join"
    return is_join or (isinstance(function, ast.Name) and function.id in _TAKING)


def _is_written_out(node: ast.expr) -> bool:
    """Whether a display, a range or a text has an item that the source shows."""
    match node:
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
            return any(not isinstance(item, ast.Starred) for item in items)
        case ast.Dict(keys=keys):
            return any(key is not None for key in keys)
        case ast.Call(func=ast.Name(id="dict"), keywords=given):
            return any(item.arg is not None for item in given)
        case ast.Call(func=ast.Name(id="range"), args=given):
            return _is_range(given)
    return isinstance(node, ast.Constant) and isinstance(node.value, str | bytes) and bool(node.value)


def _is_range(given: list[ast.expr]) -> bool:
    try:
        numbers = [ast.literal_eval(item) for item in given]
        return bool(range(*numbers))
    except (TypeError, ValueError, MemoryError, RecursionError):
        return False


@lru_cache(maxsize=4)
def _filled_names(tree: ast.Module) -> frozenset[str]:
    """The names at module level that are bound once, to what has items that nothing takes away."""
    found: dict[str, ast.expr] = {}
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if _is_written_out(value):
                found[name] = value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value) if _is_written_out(value):
                found[name] = value
    return frozenset(found).difference(_changed(tree, found)) if found else frozenset()


def _changed(tree: ast.Module, names: dict[str, ast.expr]) -> set[str]:
    """Those of some names that are bound more than once, or lose items."""
    found: set[str] = set()
    bound: set[str] = set()
    for node in walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load) and node.id in names:
            (found if node.id in bound else bound).add(node.id)
        elif isinstance(node, ast.Delete):
            found.update(dotted(item.value) for item in node.targets if isinstance(item, ast.Subscript))
        elif isinstance(node, ast.Attribute) and node.attr in _CHANGING:
            found.add(dotted(node.value))
    return found
