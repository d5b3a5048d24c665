"""Objects of own classes that what makes a model gives to a constructor, which pickles them."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.details.kept import Given
from nequip_lint.facts.details.needs import Invocation
from nequip_lint.facts.values import Facts
from nequip_lint.held.binding import is_at
from nequip_lint.project.model import Project
from nequip_lint.project.roots import definition_of
from nequip_lint.rules.live import is_internal
from nequip_lint.runs.life import packaged_files
from nequip_lint.runs.making import building_files


def pickled_argument(project: Project, facts: Facts, call: Invocation) -> str:
    """The own class whose objects a call pickles, where a constructor is given these; '' for any other call.

    Args:
        project: the project.
        facts: of the file of the call.
        call: that pickles its first argument.
    """
    spot, first = call.spot, call.first
    heads = (item for item in project.sources.details(facts).conducts if item.owner == spot.owner)
    arguments = next((item.arguments for item in heads if item.name == spot.function == "__init__"), ())
    for name in (first.name, *first.parts) if first is not None else ():
        for given in _given(project, facts, spot.owner) if name in arguments else ():
            if is_at(given, arguments.index(name) - 1, name) and _is_own_class(project, given):
                return given.what
    return ""


def _given(project: Project, facts: Facts, owner: str) -> Iterator[Given]:
    """What objects of a class are made of that something keeps."""
    files = {other.module: other for other in (*building_files(project), *packaged_files(project))}
    for other in files.values():
        for item in project.sources.details(other).kept:
            is_made = item.category == "made" and item.what.rpartition(".")[2] == owner
            if is_made and definition_of(project.sources, item.what) == (facts.module, owner):
                yield from item.given


def _is_own_class(project: Project, given: Given) -> bool:
    found = definition_of(project.sources, given.what) if given.category == "made" else None
    facts = project.sources.facts(found[0]) if found is not None else None
    if found is None or facts is None or not is_internal(project, found[0]):
        return False
    return any(item.name == found[1] for item in facts.classes)
