"""Which functions a load calls while it imports modules."""

from __future__ import annotations

from functools import lru_cache

from nequip_lint.facts.details.spots import Spot
from nequip_lint.facts.values import Facts
from nequip_lint.project.model import Project
from nequip_lint.runs.callees import Callees
from nequip_lint.runs.functions import Key
from nequip_lint.runs.life import packaged_functions


@lru_cache(maxsize=4)
def called_at_import(project: Project) -> frozenset[Key]:
    """The functions that the code of packaged modules certainly calls, under no test and in no handler."""
    functions = packaged_functions(project)
    callees = Callees(functions, project.sources)
    found: set[Key] = set()
    waiting = [key for key in functions if not key.name]
    while waiting:
        key = waiting.pop()
        for function in functions.of(key):
            for call in function.body.calls:
                if call.is_plain:
                    more = {item.key for item in callees.of(function.facts, key.owner, call.name)} - found
                    found |= more
                    waiting += more
    return frozenset(found)


def is_certain_at_import(project: Project, facts: Facts, spot: Spot) -> bool:
    """Whether something happens whenever its file is imported, and nothing catches what it raises."""
    place = spot.place
    if place.guards or place.caught:
        return False
    return place.at_import or Key(facts.module, spot.owner, spot.function) in called_at_import(project)
