"""NQ313 environment-variable-at-import: `os.environ[...]` without a default when a module is imported."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.details.spots import Spot
from nequip_lint.facts.values import Facts, Place
from nequip_lint.hazards.scene import Scene
from nequip_lint.hazards.variables import HELP, message, unset_variables
from nequip_lint.machine.evaluate import catches
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.executed import bitten, hit_in, without_gpu
from nequip_lint.rules.live import hit, live, packaged
from nequip_lint.runs.at_import import is_certain_at_import
from nequip_lint.runs.callees import Callees
from nequip_lint.runs.functions import Key
from nequip_lint.runs.life import packaged_functions
from nequip_lint.values import Span

_UNSET: dict[str, str] = {}


@rule("NQ313")
def environment_variable_at_import(project: Project) -> Iterator[Hit]:
    """One hit for each variable and packaged file, wherever some machine that sets none comes to it."""
    seen: set[tuple[str, str]] = set()
    full, bare = (
        world.target._replace(environment=_UNSET) for world in (project.full_world, project.bare_world)
    )
    machines = [project.world(full), without_gpu(project, environment=_UNSET), project.world(bare)]
    for facts, event in bitten(project, unset_variables, machines):
        key = (facts.module, event.text)
        if facts.module in project.interned and key not in seen:
            seen.add(key)
            yield hit_in(project, facts, event.span, message(facts, event), HELP)
    told: set[tuple[str, Span]] = set()
    for facts, spot, name in _demands(project):
        place = (facts.module, spot.span)
        if place not in told and Scene(facts, machines[0]).judge.lacks(name):
            told.add(place)
            yield hit(project, facts, spot, _message(facts, name), HELP)


def _demands(project: Project) -> Iterator[tuple[Facts, Spot, str]]:
    """The demands of functions that a load calls while it imports, and of expressions at import."""
    given: dict[Key, int] = {}
    for facts, item in live(project, lambda details: details.demands):
        is_caught = catches(item.spot.place.caught, item.exception)
        if is_caught or not is_certain_at_import(project, facts, item.spot):
            continue
        if item.name.startswith("@"):
            given[Key(facts.module, item.spot.owner, item.spot.function)] = int(item.name[1:])
        else:
            yield facts, item.spot, item.name
    yield from _asked(project, given) if given else ()


def _asked(project: Project, given: dict[Key, int]) -> Iterator[tuple[Facts, Spot, str]]:
    """The calls at import of functions that ask for a variable whose name they are given."""
    callees = Callees(packaged_functions(project), project.sources)
    for facts, details in packaged(project):
        for body in details.bodies:
            spot = Spot(body.span, Place(not body.name), body.owner, body.name)
            for call in body.calls if is_certain_at_import(project, facts, spot) else ():
                keys = (callee.key for callee in callees.of(facts, body.owner, call.name))
                if call.is_plain and any(key in given for key in keys):
                    yield facts, spot._replace(span=call.span), call.text


def _message(facts: Facts, name: str) -> str:
    return (
        f"loading the package fails on a machine without the variable {name or 'that this asks for'}, which "
        f"is read when {facts.module} is imported, and which nothing stands in for"
    )
