"""What a call gives, whatever it calls."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.objects.alternatives import functions_in
from nequip_lint.facts.objects.calling import container_of, maker_of
from nequip_lint.facts.objects.entries import is_get, of_get, of_getattr
from nequip_lint.facts.objects.generated import of_call
from nequip_lint.facts.objects.given_values import A_FUNCTION, given_to, taken
from nequip_lint.facts.objects.judging import Judging
from nequip_lint.facts.objects.named_classes import made_in_body, makes_class, one_of
from nequip_lint.facts.objects.own_results import of_own
from nequip_lint.facts.objects.surroundings import Held, Surroundings, is_view
from nequip_lint.facts.objects.unpicklable import (
    CONTAINERS,
    FUNCTIONS,
    HOLDING,
    ITERATORS,
    MADE,
    MADE_BY_TORCH,
    TAKING,
)


def of_called(node: ast.Call, at: Judging) -> Iterator[Held]:
    """What pickling makes of the result of a call.

    Args:
        node: the call.
        at: where it stands.
    """
    known = at.known
    name = dotted(node.func)
    full = known.full(name)
    value, is_local = known.value(name) if name and "." not in name else (None, False)
    if value is None and full in (*TAKING, *ITERATORS):
        yield from taken(full, node, at)
    elif full in MADE_BY_TORCH:
        yield Held("torch", MADE_BY_TORCH[full])
    elif makes_class(node, known.names):
        yield Held("class", "a class that is made at run time")
    elif container := container_of(node, known):
        yield from at.inner(container)
    elif made := [*of_call(node, known)]:
        yield from made
    elif (maker := maker_of(node, known)) in FUNCTIONS:
        yield Held("function", FUNCTIONS[maker])
    elif is_view(node, known):
        yield Held("native", "a view of a dictionary")
    elif full in CONTAINERS or (full in HOLDING and value is None):
        yield from _contained(full, node, at)
    elif is_get(node, known):
        yield from of_get(node, at)
    elif full == "next" and node.args:
        yield from one_of(node.args[0], known)
    elif full == "getattr" and len(node.args) > 1:
        yield from of_getattr(node.args[0], node.args[1], at)
    elif full == "types.MethodType" or _is_bound(node):
        yield from _method(node, at)
    elif full in MADE and (value is None or name in known.names):
        yield Held("native", MADE[full])
    elif maker == "torch.compile":
        yield from _compiled(node, at)
    elif owner := made_in_body(node.func, known):
        yield Held("class", f"an object of {owner}")
    else:
        yield from of_own(node, value, is_local, at)


def _contained(full: str, node: ast.Call, at: Judging) -> Iterator[Held]:
    """What a container holds."""
    for item in at.each(_elements(full, node, at.known)):
        is_iterated = item.category == "argument" and full in HOLDING
        yield item._replace(category="elements") if is_iterated else item


def _elements(full: str, node: ast.Call, known: Surroundings) -> Iterator[ast.expr]:
    """What a container holds of what it is made of: of a call that is what the result gives, unknown here."""
    yield from (item.value for item in node.keywords)
    for item in node.args:
        value = known.value(item.id)[0] if isinstance(item, ast.Name) else item
        if isinstance(item, ast.GeneratorExp):
            yield item.elt
        elif full in CONTAINERS or not isinstance(value, ast.Call | ast.Attribute | ast.GeneratorExp):
            yield item


def _compiled(node: ast.Call, at: Judging) -> Iterator[Held]:
    """`torch.compile` of a function leaves a function; of a module it leaves a module, which is fine."""
    given = tuple(item for item in given_to(node, at) if item.position == 0)
    if any(item.what == A_FUNCTION or item.category == "function" for item in given):
        yield Held("torch", "a function made by torch.compile")
    elif given:
        yield Held("compiled", "torch.compile", given)


def _is_bound(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Attribute) and node.func.attr == "__get__"


def _method(node: ast.Call, at: Judging) -> Iterator[Held]:
    """What `types.MethodType` or `__get__` binds to an object."""
    given = node.func.value if isinstance(node.func, ast.Attribute) and _is_bound(node) else None
    function = given or (*node.args, None)[0]
    if function is None or dotted(function).startswith("self."):
        return
    names = [*functions_in(function, at.known, at.depth)]
    if names or (dotted(function) and given is None):
        yield Held("method", names[0] if names else dotted(function))
    else:
        yield from at.inner(function)
