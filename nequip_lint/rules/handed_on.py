"""Functions of a project that pickle what they are given, or send it to other processes."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.details.bodies import Called
from nequip_lint.facts.details.module import Details
from nequip_lint.facts.details.spots import Spot
from nequip_lint.facts.values import Facts, Place
from nequip_lint.project.model import Project
from nequip_lint.rules.live import is_run, packaged
from nequip_lint.rules.names_as_text import own_object, sends
from nequip_lint.runs.callees import Callees
from nequip_lint.runs.functions import Key
from nequip_lint.runs.life import packaged_functions

_ANY = -1
"""The position of an argument that may be each of them."""


def handed_on(project: Project) -> Iterator[tuple[Facts, Spot, str, str]]:
    """The calls of such functions with own functions or objects: the place, the function, what is given."""
    senders: dict[Key, set[int]] = {}
    for key, position in _senders(project):
        senders.setdefault(key, set()).add(position)
    if not senders:
        return
    callees = Callees(packaged_functions(project), project.sources)
    for facts, details in packaged(project):
        for body in details.bodies:
            spot = Spot(body.span, Place(not body.name), body.owner, body.name)
            for call in body.calls if is_run(project, facts, spot) else ():
                called = callees.of(facts, body.owner, call.name)
                sent = set().union(*(senders.get(callee.key, ()) for callee in called))
                what = _given(project, facts, body.owner, call, sent)
                if what:
                    yield facts, spot._replace(span=call.span), call.name, what


def _senders(project: Project) -> Iterator[tuple[Key, int]]:
    """The functions that send what they are given, each with the position of that."""
    for facts, details in packaged(project):
        for call in details.invocations:
            term = call.first
            key = Key(facts.module, call.spot.owner, call.spot.function)
            if not call.spot.function or term is None or not sends(project, facts, call):
                continue
            arguments = _arguments(details, key)
            for name in (term.name, *term.parts):
                if name in arguments:
                    yield key, arguments.index(name) - bool(key.owner)
            if _is_local(project, facts, term.name) and not {term.name, f"**{term.name}"} & {*arguments}:
                yield key, _ANY


def _is_local(project: Project, facts: Facts, name: str) -> bool:
    """Whether only the function knows a name."""
    return bool(name) and "." not in name and not own_object(project, facts, "", name)


def _arguments(details: Details, key: Key) -> tuple[str, ...]:
    found = (item.arguments for item in details.conducts if (item.owner, item.name) == key[1:])
    return next(found, ())


def _given(project: Project, facts: Facts, owner: str, call: Called, positions: set[int]) -> str:
    """The own function or object among the arguments at some positions; '' where there is none."""
    names = (name for at, name in enumerate(call.arguments) if name and not positions.isdisjoint((at, _ANY)))
    return next(filter(None, (own_object(project, facts, owner, name) for name in names)), "")
