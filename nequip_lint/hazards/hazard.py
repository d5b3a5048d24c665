"""What a hazard of importing is: what a module does on a machine that ends its import there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import NamedTuple

from nequip_lint.facts.values import Facts, Place
from nequip_lint.hazards.cause import Reason
from nequip_lint.machine.evaluate import Judge, catches
from nequip_lint.machine.target import Target
from nequip_lint.plugins import import_all
from nequip_lint.values import Span, Step


class Scene(NamedTuple):
    """A module that is imported on a machine.

    `is_late`: after a model was made, when a process has settled on how it starts others.
    """

    facts: Facts
    judge: Judge
    is_late: bool = False

    @property
    def target(self) -> Target:
        """The machine."""
        return self.judge.target

    def importable(self, module: str) -> bool | None:
        """Whether a module can be imported there; None where nothing tells."""
        return self.judge.importable(module)


class Event(NamedTuple):
    """Something that a module does at import, which raises an exception if its tests let it run.

    `text` is the code that does it, as a step of a chain.
    """

    span: Span
    place: Place
    exception: str
    why: Reason
    text: str


Hazard = Callable[[Scene], Iterable[Event]]
_HAZARDS: list[Hazard] = []


def hazard(find: Hazard) -> Hazard:
    """Register a function as a hazard of importing."""
    _HAZARDS.append(find)
    return find


@cache
def hazards() -> tuple[Hazard, ...]:
    """All hazards of importing."""
    import_all("nequip_lint.hazards", os.path.dirname(__file__))  # noqa: PTH120  pathlib costs more
    return tuple(_HAZARDS)


def events_of(scene: Scene) -> Iterator[Event]:
    """What may end the import of a module, whatever its tests and handlers."""
    return (event for find in hazards() for event in find(scene))


def bites(event: Event, judge: Judge) -> bool:
    """Whether an event certainly takes place on a machine and nothing ends its exception."""
    place = event.place
    return judge.all(place.guards) is True and not catches(place.caught, event.exception)


def step_of_event(facts: Facts, event: Event) -> Step:
    """The event as a step of a chain."""
    return Step(facts.module, facts.path, event.span.line, event.text)
