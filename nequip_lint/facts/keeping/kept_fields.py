"""What the objects of a dataclass keep in their fields where nothing is given."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.details.kept import A_FIELD, Given, Kept
from nequip_lint.facts.keeping.notes import Noted
from nequip_lint.facts.objects.categories import OPEN
from nequip_lint.facts.objects.named_classes import collects
from nequip_lint.facts.objects.pickled_values import judged
from nequip_lint.facts.objects.surroundings import Surroundings
from nequip_lint.facts.terms import spot_of

_FACTORIES = ("default_factory", "factory")


def of_field(noted: Noted, known: Surroundings) -> Iterator[Kept]:
    """What every object keeps in a field: a default, or what a factory makes.

    Args:
        noted: an annotated assignment in the body of a class.
        known: what names stand for there.
    """
    node, owner = noted.node, noted.scope.node
    if not isinstance(node, ast.AnnAssign) or node.value is None:
        return
    if isinstance(owner, ast.ClassDef):
        yield from _by_default(node, node.value, owner, noted, known)
    for item in node.value.keywords if isinstance(node.value, ast.Call) else ():
        if item.arg in _FACTORIES:
            for held in judged(_made_by(item.value), known):
                spot = spot_of(item.value, noted.site)
                yield Kept(spot, f"self.{dotted(node.target)}", *held[:2], "self", held.given)


def _made_by(factory: ast.expr) -> ast.expr:
    """What a factory makes when it is called."""
    call = ast.copy_location(ast.Call(factory, [], []), factory)
    return factory.body if isinstance(factory, ast.Lambda) else call


def _by_default(
    node: ast.AnnAssign, value: ast.expr, owner: ast.ClassDef, noted: Noted, known: Surroundings
) -> Iterator[Kept]:
    """What stands in the objects for a field that is not given."""
    wrong = [item for item in judged(value, known) if item.category not in OPEN]
    if not wrong or not collects(owner, known.file):
        return
    name = dotted(node.target)
    fields = [dotted(item.target) for item in owner.body if isinstance(item, ast.AnnAssign)]
    if name in fields:
        at = (Given(fields.index(name), name, "fine", ""),)
        for held in wrong:
            yield Kept(spot_of(value, noted.site), f"self.{name}", *held[:2], A_FIELD, at)
