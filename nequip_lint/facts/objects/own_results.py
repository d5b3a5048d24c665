"""What the functions and classes give that a file defines, or that it imports from others of ours."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.details.kept import NUMPY
from nequip_lint.facts.objects.given_values import given_to
from nequip_lint.facts.objects.judging import Judging
from nequip_lint.facts.objects.makers import is_generator, returns_unnamed
from nequip_lint.facts.objects.named_classes import makes_class, of_class
from nequip_lint.facts.objects.surroundings import Held, Surroundings
from nequip_lint.facts.objects.unpicklable import MADE, METHODS
from nequip_lint.facts.site import Function


def of_own(node: ast.Call, value: ast.AST | None, is_local: bool, at: Judging) -> Iterator[Held]:
    """What pickling makes of the result of a call of an own function or class.

    Args:
        node: the call.
        value: what its name is bound to; None where that is not known.
        is_local: whether the name is one of the function around it.
        at: where it stands.
    """
    name = dotted(node.func)
    maker = value if is_local and isinstance(value, ast.Call) else node.func
    if what := _of_function(name, value, at.known):
        yield what
    elif _is_new_class(node.func, value, is_local, at.known):
        yield Held("class", "an object of a class that is made at run time")
    elif isinstance(value, ast.ClassDef) and is_local:
        yield Held("class", f"an object of the local class {name}")
    elif isinstance(value, ast.ClassDef) and node.lineno < at.known.module.lost.get(name, 0):
        yield Held("class", name)
    elif isinstance(maker, ast.Call):
        made = (item for item in at.inner(maker) if _is_plain(item))
        yield from (item._replace(what=f"{item.what}()()") for item in made)
    elif isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Call):
        yield from _by_method_of_result(node.func.value, node.func.attr, at)
    else:
        yield from _by_name(node, value, is_local, at)


def _is_plain(item: Held) -> bool:
    """Whether something is the result of a function, and not that of a method or of a result."""
    return item.category == "made" and not item.what.endswith("()")


def _of_function(name: str, value: ast.AST | None, known: Surroundings) -> Held | None:
    """What the kind of a function tells of its result."""
    if not isinstance(value, Function) or value.decorator_list:
        return None
    if is_generator(value):
        return Held("native", f"a generator made by {name}")
    if isinstance(value, ast.AsyncFunctionDef):
        return Held("native", f"a coroutine made by {name}")
    return (
        Held("function", f"a local function made by {name}") if returns_unnamed(value, known.names) else None
    )


def _is_new_class(called: ast.expr, value: ast.AST | None, is_local: bool, known: Surroundings) -> bool:
    """Whether what is called is a class that code makes."""
    is_bound = is_local and value is not None and makes_class(value, known.names)
    return makes_class(called, known.names) or is_bound


def _by_method_of_result(owner: ast.Call, method: str, at: Judging) -> Iterator[Held]:
    """What a method of a result gives."""
    full = at.known.full(dotted(owner.func))
    if given := METHODS.get((full, method)):
        yield Held("native", given)
    elif full not in MADE or method == "__enter__":
        for item in at.inner(owner):
            if item.category not in NUMPY:
                yield item._replace(what=f"{item.what}.{method}()") if _is_plain(item) else item


def _by_name(node: ast.Call, value: ast.AST | None, is_local: bool, at: Judging) -> Iterator[Held]:
    known, name = at.known, dotted(node.func)
    if not is_local:
        yield from (Held(*item) for item in of_class(name, value, known.module))
    own = known.own_class
    if name == "cls" and own is not None:
        yield Held("made", f"{known.file.module}.{own.name}", tuple(given_to(node, at)))
    elif not is_local and name.partition(".")[0] in known.names:
        yield Held("made", known.full(name), tuple(given_to(node, at)))
    elif isinstance(value, Function | ast.ClassDef | ast.Call) and not is_local:
        yield Held("made", f"{known.file.module}.{name}", tuple(given_to(node, at)))
    elif "." in name:
        yield from _by_method(node, at)


def _by_method(node: ast.Call, at: Judging) -> Iterator[Held]:
    """What a method of the own class, of another class of the file, or of a local object gives."""
    head, _, method = dotted(node.func).partition(".")
    value, _ = at.known.value(head)
    if "." in method:
        return
    if owner := _owner(head, at.known):
        yield Held("made", f"{owner}.{method}", tuple(given_to(node, at)))
    elif isinstance(value, ast.Call):
        plain = (item for item in at.inner(value) if _is_plain(item))
        yield from (Held("made", f"{item.what}.{method}()") for item in plain)


def _owner(name: str, known: Surroundings) -> str:
    """The absolute name of the class of which a name is, or is an object; '' where that is not known."""
    value, is_local = known.value(name)
    own = known.own_class
    if name in ("self", "cls") and own is not None:
        return f"{known.file.module}.{own.name}"
    if isinstance(value, ast.ClassDef) and not is_local:
        return f"{known.file.module}.{name}"
    return known.annotated(name) if name in known.scope.arguments else ""
