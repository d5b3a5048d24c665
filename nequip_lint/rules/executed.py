"""What the import-time rules share: the modules that some build runs, on the machines that are asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from nequip_lint.closure.world import World
from nequip_lint.facts.values import Facts
from nequip_lint.hazards.cause import Reason
from nequip_lint.hazards.hazard import Event, Hazard, bites
from nequip_lint.hazards.scene import Scene
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, at
from nequip_lint.values import Span


def bitten(project: Project, found: Hazard, machines: Iterable[World]) -> Iterator[tuple[Facts, Event]]:
    """The events of a hazard that certainly end an import on one of some machines, each once.

    A module that is not packaged is left out where all who import it catch the exception.
    Each module is taken by itself, as a load imports it: no package around it has run before.
    """
    asked = list(machines)
    for facts in project.executed.values():
        seen: set[tuple[Span, Reason]] = set()
        for world in asked if any(found.facts(facts)) else ():
            scene = Scene(facts, world)
            for event in found.events(scene):
                is_new = (event.span, event.why) not in seen and bites(event, scene.judge)
                if is_new and project.is_felt(facts.module, event.exception):
                    seen.add((event.span, event.why))
                    yield facts, event


def without_gpu(project: Project, **more: Any) -> World:
    """A machine with every library and no GPU; `more` are other fields of the target."""
    return project.world(project.full_world.target._replace(gpu=False, **more))


def hit_in(project: Project, facts: Facts, span: Span, message: str, help: str, detail: str = "") -> Hit:
    """A hit in a module, with the chain that brings it into the archive, if one does."""
    return at(facts, span, message, help, chain=project.packaged.chain(facts.module), detail=detail)
