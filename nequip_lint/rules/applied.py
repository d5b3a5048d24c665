"""Which functions do what others do: aliases, partials, wrappers, and decorators of a project."""

from __future__ import annotations

from nequip_lint.facts.names import resolve
from nequip_lint.facts.values import Condition, Facts
from nequip_lint.project.model import Project
from nequip_lint.project.roots import definition_of
from nequip_lint.runs.callees import own_name


def applies(project: Project, facts: Facts, name: str, wanted: frozenset[str], depth: int = 4) -> bool:
    """Whether a function, or what a name stands for, is one of some functions or calls it.

    Args:
        project: the project.
        facts: of the file that has the name.
        name: dotted, as it is written there.
        wanted: the absolute names of the functions.
        depth: how many names to follow.
    """
    full = own_name(facts, name)
    if full in wanted or not depth:
        return full in wanted
    found = definition_of(project.sources, full)
    inner = project.owned.get(found[0]) if found is not None else None
    if found is None or inner is None:
        return False
    owner, _, last = found[1].rpartition(".")
    for body in project.sources.details(inner).bodies:
        if (body.owner, body.name) == (owner, last):
            return any(applies(project, inner, read, wanted, depth - 1) for read in body.reads)
    values = [item.value for item in inner.bindings if item.name == found[1] and item.kind == "assign"]
    return any(_stands_for(project, inner, value, wanted, depth - 1) for value in values)


def _stands_for(project: Project, facts: Facts, value: Condition, wanted: frozenset[str], depth: int) -> bool:
    """Whether an assigned value does it: an alias, a call with options, a partial."""
    if value.kind == "call" and resolve(facts, value.text) == "functools.partial":
        reads = (body.reads for body in project.sources.details(facts).bodies if not body.name)
        return any(own_name(facts, read) in wanted for found in reads for read in found)
    return value.kind in ("name", "call") and applies(project, facts, value.text, wanted, depth)
