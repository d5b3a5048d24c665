"""What pickling makes of a value: which it refuses, and which it changes."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.details.kept import Given
from nequip_lint.facts.objects.alternatives import parts_of
from nequip_lint.facts.objects.arrays import SHOWN, of_numpy
from nequip_lint.facts.objects.called_values import of_called
from nequip_lint.facts.objects.calling import meant
from nequip_lint.facts.objects.categories import OPEN
from nequip_lint.facts.objects.decorated import decorated
from nequip_lint.facts.objects.entries import entry, of_name
from nequip_lint.facts.objects.generated import of_text
from nequip_lint.facts.objects.given_values import given_to
from nequip_lint.facts.objects.judging import Judging
from nequip_lint.facts.objects.named_classes import makes_class, member, of_class, of_local_class
from nequip_lint.facts.objects.surroundings import Held, Surroundings, attribute, is_sentinel
from nequip_lint.facts.objects.tables import path_of
from nequip_lint.facts.objects.unpicklable import MADE
from nequip_lint.facts.site import Function

_DEEPEST = 6


def judged(node: ast.AST, known: Surroundings, depth: int = _DEEPEST) -> Iterator[Held]:
    """What pickling refuses or changes in a value, and what it cannot tell of.

    Args:
        node: the value.
        known: what names stand for there.
        depth: how many names and containers to look into.
    """
    if depth == 0:
        return
    at = Judging(known, depth, judged)
    if not isinstance(node, ast.Name):
        yield from _numpy(node, known)
    match node:
        case ast.Lambda():
            yield Held("function", "a lambda")
        case ast.GeneratorExp():
            yield Held("native", "a generator")
        case ast.Name():
            yield from _name(node.id, at)
        case ast.Attribute():
            yield from _attribute(node, at)
        case ast.Subscript():
            yield from of_text(node, known)
            yield from member(node, known)
            yield from entry(*path_of(node, known), at)
        case ast.withitem(context_expr=ast.Call() as call):
            opened = MADE.get(known.full(dotted(call.func)), "")
            yield from [Held("native", opened)] if opened.endswith("file") else ()
        case ast.Call():
            yield from of_text(node, known)
            yield from of_called(meant(node, known), at)
        case _:
            yield from at.each(parts_of(node))


def arguments(call: ast.Call, known: Surroundings) -> tuple[Given, ...]:
    """The arguments of a call that are kept if the callee keeps them.

    Args:
        call: the call.
        known: what names stand for there.
    """
    return tuple(given_to(call, Judging(known, _DEEPEST // 2, judged)))


def _numpy(node: ast.AST, known: Surroundings) -> Iterator[Held]:
    """What numpy makes."""
    if category := of_numpy(node, known):
        yield Held(category, SHOWN[category])


def _attribute(node: ast.Attribute, at: Judging) -> Iterator[Held]:
    yield from attribute(at.known.full(dotted(node)))
    yield from member(node, at.known)
    yield from of_local_class(node, at.known)
    yield from _of_new_function(node, at)
    yield from of_name(dotted(node), at.known)
    yield from _static(at.known.in_class(node), at)


def _of_new_function(node: ast.Attribute, at: Judging) -> Iterator[Held]:
    """The `apply` of an autograd function whose class a call makes."""
    owner: ast.AST | None = node.value
    if isinstance(owner, ast.Name):
        value, is_local = at.known.value(owner.id)
        owner = value if is_local else None
    for item in at.inner(owner) if isinstance(owner, ast.Call) and node.attr == "apply" else ():
        if item.category == "made" and "()" not in item.what:
            yield Held("made", f"{item.what}()()")


def _name(name: str, at: Judging) -> Iterator[Held]:
    known, scope = at.known, at.known.scope
    value, is_local = known.value(name)
    if is_local and name in scope.arguments and name not in ("self", "cls"):
        yield Held("argument", name)
    elif isinstance(value, ast.List | ast.withitem) and is_local:
        yield from at.each([value, *scope.added.get(name, ())])
    elif isinstance(value, Function):
        yield from [Held("function", f"the local function {name}")] if is_local else decorated(value, known)
    elif isinstance(value, ast.ClassDef):
        yield from [Held("class", f"the local class {name}")] if is_local else ()
    elif is_local and (taken := scope.unpacked.get(name)) is not None:
        yield from at.inner(taken)
    elif isinstance(value, ast.Tuple) and isinstance(value.ctx, ast.Store):
        yield from _numpy(ast.Name(name, ast.Load()), known)
    elif value is not None:
        yield from _assigned(name, value, is_local, at)
        yield from at.each(scope.added.get(name, ()) if is_local else ())
    elif not is_local and name in known.names:
        yield from _imported(name, known)


def _imported(name: str, known: Surroundings) -> Iterator[Held]:
    """What an import binds."""
    if name in known.file.modules:
        yield Held("native", f"the module {known.names[name]}")
    else:
        yield from attribute(known.names[name])
        yield from of_name(name, known)


def _static(value: ast.expr | None, at: Judging) -> Iterator[Held]:
    """A function without a name that the body of a class makes a static method."""
    if isinstance(value, ast.Call) and dotted(value.func) == "staticmethod" and value.args:
        yield from at.inner(value.args[0])


def _assigned(name: str, value: ast.AST, is_local: bool, at: Judging) -> Iterator[Held]:
    """What a name is that one assignment binds."""
    module = at.known.module
    if not is_local and is_sentinel(value):
        yield from [Held("sentinel", name)] if name in module.identities else ()
        return
    if not is_local and makes_class(value, at.known.names):
        is_misnamed = any(of_class(name, value, module))
        yield from [Held("class", f"{name}, a class under another name")] if is_misnamed else ()
        return
    if not is_local and isinstance(value, ast.Call):
        made = dotted(value.func)
        if value.lineno < module.lost.get(made, 0):
            what = f"{name}, an object of a class whose name {made} stands for something else now"
            yield Held("class", what)
            return
    for item in at.inner(value):
        is_plain = item.category in OPEN or item.what == name
        yield item if is_plain else item._replace(what=f"{name}, which is {item.what}")
