"""What a hazard of importing is: what a module does on a machine that ends its import there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from operator import itemgetter
from typing import Any, NamedTuple, Protocol

from nequip_lint.facts.values import Facts, Place
from nequip_lint.hazards.cause import Reason
from nequip_lint.hazards.scene import Failure, Scene
from nequip_lint.machine.evaluate import Judge, catches
from nequip_lint.plugins import import_all
from nequip_lint.values import Chain, Span, Step


class Fact(Protocol):
    """A fact about a statement."""

    @property
    def span(self) -> Span: ...

    @property
    def place(self) -> Place: ...


class Event(NamedTuple):
    """Something that a module does at import, which raises an exception if its tests let it run.

    `text` is the code that does it, as a step of a chain. Where it fails in another module, `chain` leads on.
    """

    fact: Fact
    exception: str
    why: Reason
    text: str
    chain: Chain = ()

    @property
    def span(self) -> Span:
        """Where the module does it."""
        return self.fact.span

    @property
    def place(self) -> Place:
        """Under which tests, and what catches its exceptions."""
        return self.fact.place


Find = Callable[[Scene, Any], Iterable[Event]]


class Hazard(NamedTuple):
    """What may go wrong with one kind of fact.

    `field` keeps these facts, `is_about` tells which of them have events on some machine, and `find` finds
    the events of one of them on a machine.
    """

    field: str
    is_about: Callable[[Facts, Any], bool] | None
    find: Find

    def facts(self, facts: Facts) -> Iterator[Any]:
        """The facts of a module that this is about."""
        found = (item for item in getattr(facts, self.field) if item.place.at_import)
        is_about = self.is_about
        return found if is_about is None else (item for item in found if is_about(facts, item))

    def events(self, scene: Scene) -> Iterator[Event]:
        """What may end the import of a module, whatever its tests and handlers."""
        return (event for item in self.facts(scene.facts) for event in self.find(scene, item))


_HAZARDS: list[Hazard] = []


def hazard(field: str, is_about: Callable[[Facts, Any], bool] | None = None) -> Callable[[Find], Hazard]:
    """Register a function as a hazard of importing.

    Args:
        field: of the facts that it is about.
        is_about: tells which of them; None for all.
    """

    def register(find: Find) -> Hazard:
        _HAZARDS.append(Hazard(field, is_about, find))
        return _HAZARDS[-1]

    return register


@cache
def hazards() -> tuple[Hazard, ...]:
    """All hazards of importing."""
    import_all("nequip_lint.hazards", os.path.dirname(__file__))  # noqa: PTH120  pathlib costs more
    return tuple(_HAZARDS)


def ending(scene: Scene) -> Event | None:
    """What certainly ends the import of a module.

    Nothing is asked of a statement before it is reached: modules may import each other in a circle.
    """
    asked = [(item.span, hazard.find, item) for hazard in hazards() for item in hazard.facts(scene.facts)]
    for _, find, item in sorted(asked, key=itemgetter(0)):
        if scene.judge.all(item.place.guards):
            for event in find(scene, item):
                if not catches(item.place.caught, event.exception):
                    return event
    return None


def bites(event: Event, judge: Judge) -> bool:
    """Whether an event certainly takes place on a machine and nothing ends its exception."""
    return judge.all(event.place.guards) is True and not catches(event.place.caught, event.exception)


def may_bite(event: Event, judge: Judge) -> bool:
    """Whether an event may take place on a machine, for all that its tests tell."""
    return judge.all(event.place.guards) is not False and not catches(event.place.caught, event.exception)


def failure_of(facts: Facts, event: Event) -> Failure:
    """What an event makes of the import of its module."""
    step = Step(facts.module, facts.path, event.span.line, event.text)
    return Failure(event.why, event.exception, (step, *event.chain))
