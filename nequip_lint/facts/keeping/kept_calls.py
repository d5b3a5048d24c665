"""Calls that put something into their arguments, or make a module keep a hook."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from nequip_lint.facts.attributes import set_by_methods
from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.details.kept import Kept
from nequip_lint.facts.keeping.holders import holder_of
from nequip_lint.facts.keeping.keeping import Keeping
from nequip_lint.facts.keeping.notes import Statement
from nequip_lint.facts.objects.categories import REFUSED
from nequip_lint.facts.objects.pickled_values import arguments, judged
from nequip_lint.facts.objects.surroundings import Surroundings
from nequip_lint.facts.site import Function, Site
from nequip_lint.facts.terms import last_name, spot_of
from nequip_lint.source.nodes import walk

_HOOK = re.compile(
    r"register_(?:(?:full_)?(?:for|back)ward_(?:pre_)?|(?:load_)?state_dict_(?:pre|post)_)hook\Z"
)

_KEPT = (*REFUSED, "made", "named")
"""Categories of arguments for which it matters who keeps them."""


def of_calls(node: Statement, site: Site, known: Surroundings) -> Iterator[Kept]:
    """Hooks that a statement registers, and calls that may put something into their arguments.

    Args:
        node: a statement of a function.
        site: where it stands.
        known: what names stand for there.
    """
    value = node.value
    if isinstance(value, ast.Call):
        yield from () if _is_removed(node, known) else _hook(value, site, known)
        yield from _applied(value, site, known)
        if isinstance(node, ast.Expr):
            yield from _called(node, value, site, known)
    yield from _by_methods(value, site, known)


def _called(node: ast.Expr, call: ast.Call, site: Site, known: Surroundings) -> Iterator[Kept]:
    """A call whose result nobody wants, so that it may be about its arguments."""
    name = dotted(call.func)
    head = name.partition(".")[0]
    is_super = name == "super.__init__" or _is_super(call)
    is_outer = bool(name) and head not in known.scope.arguments and head not in known.scope.bound
    given = arguments(call, known) if is_super or is_outer else ()
    if is_outer and any(item.category in ("self", "made", "argument") for item in given):
        full = known.full(name) if head in known.names else f"{known.file.module}.{name}"
        yield Kept(spot_of(node, site), "call", "made", full, "self", given)
    if is_super:
        yield Kept(spot_of(node, site), "super", "made", "super", "self", given)


def _by_methods(value: ast.expr | None, site: Site, known: Surroundings) -> Iterator[Kept]:
    """The calls of methods in a value that may keep what they are given, with the class of the object."""
    while isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
        owner, method = value.func.value, value.func.attr
        given = arguments(value, known)
        is_kept = any(item.category in _KEPT for item in given)
        cls = _class_of(owner, known) if is_kept else ""
        if cls and not (dotted(owner) == "self" and _is_set_anew(value, known, method)):
            holder = "self" if dotted(owner) == "self" else cls
            yield Kept(spot_of(value, site), "call", "made", f"{cls}.{method}", holder, given)
        value = owner


def _class_of(owner: ast.expr, known: Surroundings) -> str:
    """The absolute name of the class that the object of a call surely has, or of what gives it; else ''."""
    own = known.own_class
    if dotted(owner) == "self":
        return f"{known.file.module}.{own.name}" if own is not None else ""
    value: ast.AST | None = owner
    if isinstance(owner, ast.Name):
        value = known.value(owner.id)[0]
    elif isinstance(owner, ast.Attribute) and (node := _node_of(owner.value, known)) is not None:
        values = set_by_methods(node).get(f"self.{owner.attr}", [])
        value = next((item for item in values if isinstance(item, ast.Call)), None)
    made = judged(value, known) if isinstance(value, ast.Call) else ()
    found = next((item.what for item in made if item.category == "made"), "")
    return found if not found.endswith("()") else ""


def _node_of(owner: ast.expr, known: Surroundings) -> ast.ClassDef | None:
    """The class of this file of which a name is an object."""
    made = known.value(owner.id)[0] if isinstance(owner, ast.Name) else None
    found = known.module.defined.get(dotted(made.func)) if isinstance(made, ast.Call) else None
    return found if isinstance(found, ast.ClassDef) else known.class_of(owner)


def _is_set_anew(call: ast.Call, known: Surroundings, method: str) -> bool:
    """Whether a function sets an attribute after it has called a method that sets it."""
    own = known.own_class
    bodies = [item for item in own.body if isinstance(item, Function)] if own is not None else []
    in_method = {name for item in bodies if item.name == method for name in _last_set(item)}
    lines = _last_set(known.scope.node)
    return any(lines.get(name, 0) > call.lineno for name in in_method)


@lru_cache(maxsize=32)
def _last_set(node: ast.AST) -> Mapping[str, int]:
    """The dotted names that code assigns to, with the last lines that do so."""
    found: dict[str, int] = {}
    for item in walk(node):
        if isinstance(item, ast.Assign):
            for target in item.targets:
                found[dotted(target)] = max(item.lineno, found.get(dotted(target), 0))
    return found


def _is_super(call: ast.Call) -> bool:
    """Whether a call is `super().__init__(…)`."""
    function = call.func
    return (
        isinstance(function, ast.Attribute)
        and function.attr == "__init__"
        and isinstance(function.value, ast.Call)
        and dotted(function.value.func) == "super"
    )


def _applied(call: ast.Call, site: Site, known: Surroundings) -> Iterator[Kept]:
    """A function that `apply` calls with an object and with each part of it."""
    name = dotted(call.args[0]) if len(call.args) == 1 else ""
    if not name or not isinstance(call.func, ast.Attribute) or call.func.attr != "apply":
        return
    is_imported = name.partition(".")[0] in known.names
    if is_imported or isinstance(known.value(name)[0], Function):
        full = known.full(name) if is_imported else f"{known.file.module}.{name}"
        owner = ast.copy_location(ast.Call(call.args[0], [call.func.value], []), call)
        yield Kept(spot_of(call, site), "call", "made", full, "self", arguments(owner, known))


def _is_removed(node: Statement, known: Surroundings) -> bool:
    """Whether the file takes a hook away by the handle that a statement gets; one that is dropped stays."""
    removed = _removed(known.file.tree)
    if not removed or isinstance(node, ast.Expr):
        return False
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    names = {last_name(target) for target in targets if target is not None}
    read = (item for item in walk(known.scope.node) if isinstance(item, ast.Name) and item.id in names)
    is_handed_on = any(isinstance(item.ctx, ast.Load) for item in read)
    return is_handed_on or not names or not names.isdisjoint(removed)


@lru_cache(maxsize=8)
def _removed(tree: ast.Module) -> frozenset[str]:
    """The last parts of the names of what `remove()` is called of, without arguments."""
    calls = (node for node in walk(tree) if isinstance(node, ast.Call) and not node.args)
    functions = (call.func for call in calls if isinstance(call.func, ast.Attribute))
    return frozenset(last_name(function.value) for function in functions if function.attr == "remove")


def _hook(call: ast.Call, site: Site, known: Surroundings) -> Iterator[Kept]:
    """A function that a module keeps as a hook."""
    if not isinstance(call.func, ast.Attribute) or not _HOOK.match(call.func.attr) or not call.args:
        return
    owner = dotted(call.func.value) or "a part of it"
    holder = holder_of(Keeping(f"{owner}.", call), known) or ("self" if site.owner else "")
    for held in judged(call.args[0], known):
        if holder and held.category in (*REFUSED, "made", "argument"):
            yield Kept(spot_of(call.args[0], site), f"a hook of {owner}", *held[:2], holder, held.given)
