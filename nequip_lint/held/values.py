"""What an object of a model holds, as far as it is known yet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from nequip_lint.facts.details.kept import Kept
from nequip_lint.facts.values import Facts

MADE = ("made", "named", "compiled")
"""Categories that do not say yet what is held, and that code outside of the function tells."""
OPEN = frozenset({*MADE, "argument", "typed", "elements", "inside", "text", "under", "self", "fine"})
"""All categories that do not say it yet."""
DEEPEST = 5
"""So many calls, bases or names are followed at most."""


class Holding(NamedTuple):
    """Something that an object of a model holds; `kept` says where that is written, and of which category."""

    facts: Facts
    kept: Kept


def told(facts: Facts, item: Kept, category: str, what: str) -> Holding:
    """That something is of a category after all.

    Args:
        facts: of the file.
        item: as it is written.
        category: that of what is held.
        what: what is held.
    """
    return Holding(facts, item._replace(category=category, what=what, given=()))


def handed_over(facts: Facts, item: Kept) -> Iterator[Holding]:
    """What something keeps of all that it is given.

    Args:
        facts: of the file.
        item: what is made, and what is given to it.
    """
    for given in item.given:
        if given.category not in OPEN:
            yield Holding(facts, item._replace(category=given.category, what=given.what, given=()))
