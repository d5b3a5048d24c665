"""Hooks of parameters, which no pickle holds, where a model differentiates by these parameters."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.keeping.left_out import only_at_first
from nequip_lint.facts.objects.makers import results
from nequip_lint.facts.objects.surroundings import Module
from nequip_lint.facts.site import Function
from nequip_lint.facts.terms import last_name
from nequip_lint.source.nodes import walk

_HOOKING = frozenset({"register_hook", "register_post_accumulate_grad_hook"})
_EVERY = "self.parameters"
_GIVING = frozenset({_EVERY, "self.named_parameters"})


def lost_hooks(node: ast.ClassDef, module: Module) -> Iterator[tuple[ast.expr, str]]:
    """The hooks of parameters without which the objects of a class compute something else, with the place.

    Args:
        node: the class.
        module: what the names of its file stand for.
    """
    own = {item.name: item for item in node.body if isinstance(item, Function)}
    first = {"__init__", *only_at_first(own)} & own.keys()
    asked = {
        name: item.name for key, item in own.items() if key not in first for name in _differentiated(item)
    }
    for key in sorted(first) if asked and "__setstate__" not in own else ():
        for call, name in _hooked(own[key]):
            found = (
                asked.get(name) or asked.get(_EVERY) or ("" if name != _EVERY else next(iter(asked.values())))
            )
            if found and _changes(call, module):
                shown = "its parameters" if name == _EVERY else name
                yield call, f"hook of {shown} is not pickled, and {found} differentiates by that"


def _changes(call: ast.Call, module: Module) -> bool:
    """Whether a hook gives another gradient back, as far as that is known."""
    hook = call.args[0] if call.args else None
    value = module.defined.get(hook.id, hook) if isinstance(hook, ast.Name) else hook
    if isinstance(value, Function):
        return any(not isinstance(item, ast.Constant) for item in results(value))
    if isinstance(value, ast.Lambda) and isinstance(value.body, ast.Call):
        given = {item.arg for item in value.args.args}
        name = dotted(value.body.func)
        return name.partition(".")[0] in given or module.file.full(name).startswith("torch.")
    return True


def _hooked(function: Function) -> Iterator[tuple[ast.Call, str]]:
    """What gets a hook: an attribute, or each parameter."""
    through = {
        name.id
        for item in walk(function)
        if isinstance(item, ast.For) and isinstance(item.iter, ast.Call) and dotted(item.iter.func) in _GIVING
        for name in walk(item.target)
        if isinstance(name, ast.Name)
    }
    for item in walk(function):
        if isinstance(item, ast.Call) and isinstance(item.func, ast.Attribute) and item.func.attr in _HOOKING:
            owner = dotted(item.func.value)
            if owner.startswith("self.") or owner in through:
                yield item, _EVERY if owner in through else owner


def _differentiated(function: Function) -> Iterator[str]:
    """The attributes by which a method differentiates something, and whether it does so by all parameters."""
    calls = [item for item in walk(function) if isinstance(item, ast.Call)]
    for call in calls:
        if last_name(call.func) in ("grad", "backward"):
            given = call.args[1:2] if last_name(call.func) == "grad" else []
            given = [*given, *(item.value for item in call.keywords if item.arg == "inputs")]
            named = (dotted(part) for item in given for part in walk(item) if isinstance(part, ast.expr))
            yield from (_EVERY if name in _GIVING else name for name in named if name.startswith("self."))
    if any(last_name(call.func) == "backward" for call in calls):
        reads = (dotted(item) for item in walk(function) if isinstance(item, ast.Attribute))
        yield from (name.removesuffix(".grad") for name in reads if name.endswith(".grad"))
