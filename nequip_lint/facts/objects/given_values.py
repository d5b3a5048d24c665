"""What calls are given: by callees of others, and by the functions that keep functions and iterators."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.details.kept import NUMPY, Given
from nequip_lint.facts.objects.categories import REFUSED
from nequip_lint.facts.objects.judging import Judging
from nequip_lint.facts.objects.surroundings import Held
from nequip_lint.facts.objects.unpicklable import ITERATORS, TAKING
from nequip_lint.facts.site import Function

A_FUNCTION = "a function"
"""What an argument is that is a function of a name of its own."""


def given_to(node: ast.Call, at: Judging) -> Iterator[Given]:
    """The arguments that are kept if the callee keeps them, or into which it may put something.

    Args:
        node: the call.
        at: where it stands.
    """
    every = [(index, "", item) for index, item in enumerate(node.args)]
    every += [(-1, item.arg or "", item.value) for item in node.keywords]
    for position, keyword, value in every:
        if dotted(value).partition(".")[0] == "self":
            yield Given(position, keyword, "self", dotted(value))
        elif isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield Given(position, keyword, "text", value.value)
        else:
            yield from (Given(position, keyword, item.category, item.what) for item in _argument(value, at))


def _argument(value: ast.expr, at: Judging) -> list[Held]:
    inner = [value.elt] if isinstance(value, ast.GeneratorExp) else []
    is_function = isinstance(value, ast.Name) and isinstance(at.known.value(value.id)[0], Function)
    return [*at.each([value, *inner])] or [Held("fine", A_FUNCTION if is_function else "")]


def taken(full: str, node: ast.Call, at: Judging) -> Iterator[Held]:
    """The function, and the iterator, that something keeps.

    Args:
        full: the absolute name of what is called.
        node: the call.
        at: where it stands.
    """
    if full == "iter" and len(node.args) == 1:
        yield from _iterated(node.args[0], at)
        return
    position = TAKING.get(full, len(node.args))
    is_kept = full == "functools.partial"
    keyed = [item.value for item in node.keywords if is_kept or item.arg in ("key", "func")]
    for item in at.each((*node.args[position : None if is_kept else position + 1], *keyed)):
        if item.category == "function" or (is_kept and item.category in REFUSED):
            yield item._replace(what=f"{item.what} inside {full}")
        elif item.category in ("argument", "inside"):
            yield Held("inside", item.what)
        elif item.category == "named" or (is_kept and item.category in ("made", *NUMPY)):
            yield item
    for item in at.each(node.args if full in ITERATORS else ()):
        if item.category == "native" and item.what.startswith("a generator"):
            yield item._replace(what=f"{item.what} inside {full}")


def _iterated(node: ast.expr, at: Judging) -> Iterator[Held]:
    """What `iter` makes of an object."""
    for item in at.inner(node):
        is_made = item.category == "made" and not item.what.endswith("()")
        if is_made or item.what.startswith("a generator"):
            yield item._replace(what=f"{item.what}.__iter__()") if is_made else item
