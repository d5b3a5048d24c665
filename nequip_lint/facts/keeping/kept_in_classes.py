"""What is true of all objects of a class, as far as pickling asks."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nequip_lint.facts.details.kept import Given, Kept
from nequip_lint.facts.keeping.cycles import cyclic
from nequip_lint.facts.keeping.hooks import lost_hooks
from nequip_lint.facts.keeping.left_out import filters, transient
from nequip_lint.facts.keeping.restoring import lacking, unrestorable
from nequip_lint.facts.keeping.sharing import shared
from nequip_lint.facts.objects.named_classes import collects, of_class
from nequip_lint.facts.objects.named_values import of_enum
from nequip_lint.facts.objects.surroundings import Module
from nequip_lint.facts.site import Site
from nequip_lint.facts.terms import spot_of
from nequip_lint.facts.values import AT_IMPORT


def of_classes(module: Module) -> Iterator[Kept]:
    """What is true of the objects of each class at module level.

    Args:
        module: what the names of the file stand for.
    """
    for name, value in module.defined.items():
        site = Site(AT_IMPORT, name)
        spot = spot_of(value, site)  # type: ignore[arg-type]
        for category, what in of_class(name, value, module):
            yield Kept(spot, "class", category, what)
        if collects(value, module.file):
            yield Kept(spot, "class", "collects", "")
        if isinstance(value, ast.ClassDef):
            for category, place, what in _unrestorable(value, module):
                yield Kept(spot_of(place, site), "class", category, what)
            yield from _of_state(value)
            yield from of_enum(value, module)


def _unrestorable(node: ast.ClassDef, module: Module) -> Iterator[tuple[str, ast.stmt | ast.expr, str]]:
    yield from (("restore", *found) for found in unrestorable(node, module.file.names))
    yield from (("restore", *found) for found in cyclic(node, module))
    yield from (("lacking", *found) for found in lacking(node))
    yield from (("hooked", *found) for found in lost_hooks(node, module))
    yield from (("sharing", *found) for found in shared(node, module))


def _of_state(node: ast.ClassDef) -> Iterator[Kept]:
    """What a class says of the names that a `__getstate__`, its own or an inherited one, leaves out."""
    spot = spot_of(node, Site(AT_IMPORT, node.name))
    if name := filters(node):
        yield Kept(spot, "class", "filters", name)
    for name, what, makers in transient(node):
        given = tuple(Given(-1, maker, "fine", "") for maker in makers)
        yield Kept(spot, "class", "transient", what, name, given)
