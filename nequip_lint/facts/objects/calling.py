"""What a call calls, where aliases and partials stand for functions."""

from __future__ import annotations

import ast

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.objects.surroundings import Surroundings
from nequip_lint.facts.objects.unpicklable import CONTAINERS, FLUENT, KEEPERS

_DEEPEST = 4


def meant(node: ast.Call, known: Surroundings, depth: int = _DEEPEST) -> ast.Call:
    """A call as it is once an alias or a partial is written out.

    Args:
        node: the call.
        known: what names stand for there.
        depth: how many of them to follow.
    """
    value = known.value(node.func.id)[0] if isinstance(node.func, ast.Name) and depth else node.func
    if isinstance(value, ast.Call) and _is_partial(value, known):
        first, *given = value.args
        call = ast.Call(first, [*given, *node.args], [*value.keywords, *node.keywords])
    elif isinstance(value, ast.Name | ast.Attribute) and value is not node.func and _is_alias(value, known):
        call = ast.Call(value, node.args, node.keywords)
    elif (
        isinstance(value, ast.Attribute)
        and value.attr == "__new__"
        and dotted(value.value) == dotted(first_of(node))
    ):
        call = ast.Call(value.value, node.args[1:], node.keywords)
    else:
        return node
    return meant(ast.copy_location(call, node), known, depth - 1)


def container_of(node: ast.Call, known: Surroundings) -> ast.Call | None:
    """The call that makes a module of torch, where methods follow that give the module back; else None."""
    found: ast.AST | None = node
    while isinstance(found, ast.Call) and isinstance(found.func, ast.Attribute) and found.func.attr in FLUENT:
        found = found.func.value
        found = known.value(found.id)[0] if isinstance(found, ast.Name) else found
    is_other = isinstance(found, ast.Call) and found is not node
    if is_other and known.full(dotted(found.func)) in (*CONTAINERS, *KEEPERS):  # type: ignore[union-attr]
        return found  # type: ignore[return-value]
    return None


def first_of(node: ast.Call) -> ast.expr:
    """The first argument of a call, or the name of nothing."""
    return node.args[0] if node.args else ast.Name("", ast.Load())


def maker_of(node: ast.Call, known: Surroundings) -> str:
    """What makes a function: `cache` in `cache(f)`, and `lru_cache` in `lru_cache(maxsize=None)(f)`."""
    inner = meant(node.func, known).func if isinstance(node.func, ast.Call) else node.func
    return known.full(dotted(inner))


def _is_partial(node: ast.Call, known: Surroundings) -> bool:
    return known.full(dotted(node.func)) == "functools.partial" and bool(node.args)


def _is_alias(node: ast.expr, known: Surroundings) -> bool:
    """Whether something is another name of what the module imports, or defines at its top."""
    name = dotted(node)
    value, is_local = known.value(name) if "." not in name else (None, False)
    return isinstance(node.ctx, ast.Load) and (  # type: ignore[attr-defined]
        name.partition(".")[0] in known.names or (value is not None and not is_local)
    )
