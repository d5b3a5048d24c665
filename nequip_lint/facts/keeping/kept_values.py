"""What stays of the statements of functions: in attributes, and as results."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.details.kept import Kept
from nequip_lint.facts.keeping.holders import holder_of
from nequip_lint.facts.keeping.keeping import RESULT, Keeping, keepings
from nequip_lint.facts.keeping.notes import Noted, Notes
from nequip_lint.facts.keeping.planted import plants
from nequip_lint.facts.objects.categories import OPEN, UNDECIDED
from nequip_lint.facts.objects.makers import has_names, results
from nequip_lint.facts.objects.named_classes import is_named_by_argument, makes_class, told_by
from nequip_lint.facts.objects.pickled_values import judged
from nequip_lint.facts.objects.surroundings import Held, Surroundings
from nequip_lint.facts.site import Function, Scope, Site
from nequip_lint.facts.terms import spot_of
from nequip_lint.source.nodes import walk

BY_METHOD = "result"
"""The name of what a method gives back."""


class Lasting(NamedTuple):
    """What becomes of attributes later in their functions.

    `deleted` are the dotted names that something in the file deletes; `since` has, for each function and
    attribute, the last line at which it is surely set.
    """

    deleted: set[str]
    since: Mapping[tuple[Scope, str], int]


def lasting(notes: Notes) -> Lasting:
    """What becomes of the attributes of a file.

    Args:
        notes: of the file.
    """
    since = {key: noted.node.lineno for noted in notes.statements for key in _set_for_sure(noted)}
    return Lasting(notes.deleted, since)


def _set_for_sure(noted: Noted) -> Iterator[tuple[Scope, str]]:
    """The attributes that a statement sets under no test, and where nothing is caught."""
    node, site, scope = noted
    is_sure = not site.place.guards and not site.place.caught and not site.is_inner
    if isinstance(node, ast.Assign) and is_sure:
        yield from ((scope, dotted(item)) for item in node.targets if isinstance(item, ast.Attribute))


def of_statement(noted: Noted, known: Surroundings, later: Lasting) -> Iterator[Kept]:
    """What stays of a statement.

    Args:
        noted: the statement.
        known: what names stand for there.
        later: what becomes of attributes.
    """
    node, site, scope = noted
    for item in keepings(node):
        if item.name == RESULT and (scope, f"{dotted(item.value)}.__dict__") in later.since:
            continue  # it has the state of something else
        holder = holder_of(item, known)
        if holder and item.name not in later.deleted and not _is_lost(item.name, noted, later):
            yield from _kept(item, holder, site, known)


def _is_lost(name: str, noted: Noted, later: Lasting) -> bool:
    """Whether an attribute is set anew before anybody reads it."""
    node, _, scope = noted
    until = later.since.get((scope, name), 0) if isinstance(node, ast.Assign) else 0
    return until > node.lineno and not _is_read(name, scope, node.lineno, until)


def _is_read(name: str, scope: Scope, start: int, end: int) -> bool:
    """Whether a function reads an attribute between two lines."""
    found = (item for item in walk(scope.node) if isinstance(item, ast.Attribute) and dotted(item) == name)
    return any(isinstance(item.ctx, ast.Load) and start < item.lineno < end for item in found)


def _kept(item: Keeping, holder: str, site: Site, known: Surroundings) -> Iterator[Kept]:
    given = known.value(item.value.id)[0] if isinstance(item.value, ast.Name) else item.value
    spot = spot_of(item.value, site)
    if item.name == RESULT and given is not None and makes_class(given, known.names):
        if not plants(known.scope):
            yield from _new_class(
                given, Kept(spot, "newclass", "class", "a class that is made at run time"), known
            )
        return
    if item.name == RESULT and site.owner and dotted(item.value) == "self":
        yield Kept(spot, "fluent", "self", site.function)
    yield from _of_value(item, Kept(spot, _name(item, site, known), "", "", holder), known)


def _new_class(given: ast.AST, kept: Kept, known: Surroundings) -> Iterator[Kept]:
    """A class that a function makes and gives back."""
    if not is_named_by_argument(given, known.scope):
        yield kept
    elif (argument := told_by(given, known.scope, known.file)) is not None:
        yield kept._replace(category="named class", what=argument)


def _name(item: Keeping, site: Site, known: Surroundings) -> str:
    """In what a value is kept; the result of a `cached_property` is kept under its name."""
    if item.name != RESULT or not site.owner:
        return item.name
    return f"self.{site.function}" if _is_kept_property(known) else BY_METHOD


def _of_value(item: Keeping, kept: Kept, known: Surroundings) -> Iterator[Kept]:
    """All that may be kept of a value, and the first thing that cannot be."""
    seen = False
    for held in judged(item.value, known):
        if held.category in OPEN:
            if held.category not in UNDECIDED or kept.name != BY_METHOD or _is_own(held, known):
                yield kept._replace(category=held.category, what=held.what, given=held.given)
            if held.category == "argument" and (annotated := known.annotated(held.what)):
                yield kept._replace(category="typed", what=annotated)
        elif not seen and (item.name != RESULT or _surely_given(held, known)):
            seen = True
            yield kept._replace(category=held.category, what=held.what)


def _is_own(held: Held, known: Surroundings) -> bool:
    """Whether a function or class of the same package makes something."""
    return held.what.partition(".")[0] == known.file.module.partition(".")[0]


def _surely_given(held: Held, known: Surroundings) -> bool:
    """Whether a function gives nothing else back, and the function that it gives back has no other name."""
    node = known.scope.node
    if not isinstance(node, Function) or (
        held.category in ("function", "class") and has_names(node, known.names)
    ):
        return False
    return all(any(item.category not in OPEN for item in judged(one, known)) for one in results(node))


def _is_kept_property(known: Surroundings) -> bool:
    """Whether a method is a `cached_property`, whose result its object keeps."""
    node = known.scope.node
    decorators = node.decorator_list if isinstance(node, Function) else []
    return any(known.file.last(item) == "cached_property" for item in decorators)
