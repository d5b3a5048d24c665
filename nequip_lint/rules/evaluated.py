"""The own classes of which a call evaluates the annotations."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.details.needs import Invocation
from nequip_lint.facts.details.spots import Spot
from nequip_lint.facts.values import ClassFact, Facts, Place
from nequip_lint.project.model import Project
from nequip_lint.project.roots import definition_of
from nequip_lint.rules.live import is_run, packaged
from nequip_lint.runs.callees import Callees, own_name
from nequip_lint.runs.functions import Key
from nequip_lint.runs.life import packaged_files, packaged_functions

_OWN = ("cls", "self.__class__")
_Class = tuple[Facts, str]


def evaluated(project: Project, facts: Facts, call: Invocation) -> Iterator[_Class]:
    """The classes that a call is given, or the function around it, each with its file.

    Args:
        project: the project.
        facts: of the file with the call.
        call: of a function that evaluates the annotations of its first argument.
    """
    term, owner = call.first, call.spot.owner
    if term is None:
        return
    is_type_of_self = term.called == "type" and term.names == ("self", "type")
    if owner and (is_type_of_self or term.name in _OWN):
        yield facts, owner
        for other in packaged_files(project):
            yield from ((other, item.name) for item in _heirs(other, facts, owner))
    elif term.name:
        yield from _named(project, facts, term.name)
        yield from _handed_on(project, facts, call, term.name)


def _heirs(other: Facts, facts: Facts, owner: str) -> Iterator[ClassFact]:
    """The classes of a file that inherit from a class."""
    base = f"{facts.module}.{owner}"
    return (item for item in other.classes if any(own_name(other, name) == base for name in item.bases))


def _named(project: Project, facts: Facts, name: str) -> Iterator[_Class]:
    """The own class that a name stands for."""
    found = definition_of(project.sources, own_name(facts, name), project.packaged_tops)
    other = project.sources.facts(found[0]) if found is not None else None
    if found is not None and other is not None and any(item.name == found[1] for item in other.classes):
        yield other, found[1]


def _handed_on(project: Project, facts: Facts, call: Invocation, name: str) -> Iterator[_Class]:
    """The own classes that calls of the function give for one of its arguments."""
    key = Key(facts.module, call.spot.owner, call.spot.function)
    conducts = project.sources.details(facts).conducts
    arguments = next((item.arguments for item in conducts if (item.owner, item.name) == key[1:]), ())
    if name not in arguments:
        return
    position = arguments.index(name) - bool(key.owner)
    callees = Callees(packaged_functions(project), project.sources)
    for other, details in packaged(project):
        for body in details.bodies:
            spot = Spot(body.span, Place(not body.name), body.owner, body.name)
            calls = (item for item in body.calls if len(item.arguments) > position)
            for item in calls if is_run(project, other, spot) else ():
                if any(callee.key == key for callee in callees.of(other, body.owner, item.name)):
                    yield from _named(project, other, item.arguments[position])
