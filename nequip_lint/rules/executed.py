"""What the import-time rules share: the modules that some build runs, on the machines that are asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from nequip_lint.closure.world import World
from nequip_lint.facts.values import Facts
from nequip_lint.hazards.hazard import Event, Hazard, Scene, bites
from nequip_lint.machine.evaluate import Judge
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, at
from nequip_lint.values import Span


def bitten(project: Project, find: Hazard, machines: Iterable[World]) -> Iterator[tuple[Facts, Event]]:
    """The events of a hazard that certainly end an import on one of some machines, each once."""
    asked = list(machines)
    for facts in project.executed.values():
        seen: set[Span] = set()
        for world in asked:
            scene = alone(world, facts)
            for event in find(scene):
                if event.span not in seen and bites(event, scene.judge):
                    seen.add(event.span)
                    yield facts, event


def alone(world: World, facts: Facts) -> Scene:
    """A module as a load imports it, before which no package around it has run."""
    return Scene(facts, Judge(facts, world.target, world.importable))


def without_gpu(project: Project, **more: Any) -> World:
    """A machine with every library and no GPU; `more` are other fields of the target."""
    return project.world(project.full_world.target._replace(gpu=False, **more))


def hit_in(project: Project, facts: Facts, span: Span, message: str, help: str, detail: str = "") -> Hit:
    """A hit in a module, with the chain that brings it into the archive, if one does."""
    return at(facts, span, message, help, chain=project.packaged.chain(facts.module), detail=detail)
