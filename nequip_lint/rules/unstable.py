"""Numbers and orders from the hashes of texts, as far as a packaged model computes with them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from nequip_lint.facts.details.state import Unstable
from nequip_lint.facts.values import Facts
from nequip_lint.project.model import Project
from nequip_lint.project.roots import definition_of
from nequip_lint.rules.live import live, packaged
from nequip_lint.runs.at_import import called_at_import
from nequip_lint.runs.bound import is_read_later, is_result_read, results
from nequip_lint.runs.callees import Callees, own_name
from nequip_lint.runs.functions import Key
from nequip_lint.runs.later import later
from nequip_lint.runs.life import life, packaged_functions


def unstable(project: Project) -> Iterator[tuple[Facts, Unstable]]:
    """Those that differ when a package is loaded, and that a call of the model comes to or reads."""
    for facts, item in live(project, lambda details: details.unstable):
        if _is_used(project, facts, item) and (not item.of or _is_of_set(project, facts, item)):
            yield facts, item


def _is_used(project: Project, facts: Facts, item: Unstable) -> bool:
    key = Key(facts.module, item.spot.owner, item.spot.function)
    if not item.spot.function:
        return not item.bound or is_read_later(project, facts, item.bound)
    if key in life(project).forward:
        return True
    is_at_import = key in called_at_import(project)
    return is_at_import and (key not in results(project) or is_result_read(project, key))


def _is_of_set(project: Project, facts: Facts, item: Unstable) -> bool:
    """Whether what may be a set of texts is one, which another file makes or a caller gives."""
    if not _sets(project):
        return False
    if not item.of.startswith("@"):
        return _is_set(project, item.of)
    key, position = Key(facts.module, item.spot.owner, item.spot.function), int(item.of[1:])
    return any(_is_set(project, name) for name in _given(project, key, position))


def _is_set(project: Project, name: str) -> bool:
    return definition_of(project.sources, name, project.packaged_tops) in _sets(project)


@lru_cache(maxsize=4)
def _sets(project: Project) -> frozenset[tuple[str, str]]:
    """The sets of texts, and lists in their order, at the top of packaged modules."""
    return frozenset(
        (facts.module, item.name)
        for facts, details in packaged(project)
        for item in details.made
        if item.how == "set"
    )


def _given(project: Project, key: Key, position: int) -> Iterator[str]:
    """The absolute names of what running code gives a function at a position."""
    callees = Callees(packaged_functions(project), project.sources)
    for facts, body in later(project):
        for call in body.calls:
            name = next(iter(call.arguments[position : position + 1]), "")
            is_named = name and call.name.rpartition(".")[2] == key.name
            if is_named and any(one.key == key for one in callees.of(facts, body.owner, call.name)):
                yield own_name(facts, name)
