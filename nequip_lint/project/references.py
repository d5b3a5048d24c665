"""What each definition of a module refers to: functions, methods, classes, and names that hold others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from nequip_lint.facts.details.bodies import SCRIPT, Body
from nequip_lint.facts.details.module import Details
from nequip_lint.facts.names import full_names
from nequip_lint.facts.values import Facts

References = Mapping[str, tuple[str, ...]]
"""Absolute dotted names by the definition that reads them: `f`, `C.f` for a method, `C`, another name at
module level, or '' for the code of the module itself."""


def references_of(facts: Facts, details: Details) -> References:
    """What the definitions of a file refer to, as far as imports or the file itself bind it.

    Args:
        facts: of the file.
        details: of the file.
    """
    own = {binding.name: f"{facts.module}.{binding.name}" for binding in facts.bindings}
    bound = own | full_names(facts.imports)
    found: dict[str, dict[str, None]] = {}
    for name, read in _read(details):
        head, dot, rest = read.partition(".")
        if head in bound:
            found.setdefault(name, {})[f"{bound[head]}{dot}{rest}"] = None
        elif head in ("self", "cls") and dot and "." in name:
            owner = name.partition(".")[0]
            found.setdefault(name, {})[f"{facts.module}.{owner}.{rest}"] = None
    for item in details.held:
        if item.addresses:
            found.setdefault(item.name, {}).update(dict.fromkeys(item.addresses))
    return {name: tuple(_longest(names)) for name, names in found.items()}


def _longest(names: Iterable[str]) -> Iterator[str]:
    """The names of which no other one is an attribute, sorted."""
    ordered = sorted(names, key=lambda name: name.split("."))
    for name, following in zip(ordered, [*ordered[1:], ""], strict=True):
        if not following.startswith(f"{name}."):
            yield name


def _read(details: Details) -> Iterator[tuple[str, str]]:
    """Each definition with each dotted name in it, as written."""
    for body in details.bodies:
        name = name_of(body)
        yield from ((name, read) for read in body.reads)
    for item in details.held:
        yield from ((item.name, read) for read in item.names)


def name_of(body: Body) -> str:
    """The name of a function in its module, `C.f` for a method; '' for code of the module."""
    if body.owner:
        return f"{body.owner}.{body.name}"
    return body.name if body.name != SCRIPT else ""
