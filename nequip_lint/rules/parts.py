"""Which classes are parts of a model: those that the files of roots make, and what the files of these make.

Parses files again: import it only where something is suspect.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from nequip_lint.facts.expressions import constructed_in
from nequip_lint.facts.values import Facts
from nequip_lint.project.model import Project
from nequip_lint.project.roots import definition_of, resolve_local
from nequip_lint.rules.lifetimes import tree_of


@lru_cache(maxsize=4)
def modules_of_parts(project: Project) -> frozenset[str]:
    """The linted modules whose objects a model may hold, those of its roots included."""
    classes = {(item.module, item.name) for item in project.candidates}
    found = set(project.roots)
    waiting = [project.owned[root] for root in project.roots if root in project.owned]
    while waiting:
        made = {module for module, name in _made(project, waiting.pop()) if (module, name) in classes}
        waiting += [project.owned[module] for module in made - found]
        found |= made
    return frozenset(found)


def _made(project: Project, facts: Facts) -> Iterator[tuple[str, str]]:
    for name in constructed_in(tree_of(facts).body):
        definition = definition_of(project.sources, resolve_local(facts, name))
        if definition is not None:
            yield definition
