"""What a module is imported on: a machine, and what it answers about other modules."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple, Protocol

from nequip_lint.facts.names import bound_names
from nequip_lint.facts.values import Binding, Facts, Import
from nequip_lint.hazards.cause import Reason
from nequip_lint.machine.evaluate import Judge
from nequip_lint.machine.target import Target
from nequip_lint.values import Chain


class Failure(NamedTuple):
    """Why importing a module fails on a machine, and the statements that lead to the failing one."""

    why: Reason
    exception: str
    chain: Chain = ()

    @property
    def code(self) -> str:
        """The rule whose page tells of the cause."""
        return self.why.cause.code

    @property
    def reason(self) -> str:
        """Why, in words."""
        return str(self.why)


class Answers(Protocol):
    """What a hazard asks about other modules than the one that is imported."""

    @property
    def target(self) -> Target:
        """The machine."""

    def importable(self, module: str) -> bool | None:
        """Whether a module can be imported; None where nothing tells."""

    def present(self, module: str) -> bool | None:
        """Whether the library of a module is there; None where nothing tells."""

    def facts(self, module: str) -> Facts | None:
        """The facts of another module, where its source is at hand."""

    def hides(self, module: str) -> bool:
        """Whether other code stands in the place of the standard library's module of this name."""

    def lost(self, item: Import) -> Reason | None:
        """Why what an import names is neither in a package nor known to it; None outside of packages."""

    def failure_behind(self, item: Import) -> Failure | None:
        """Why one of the modules fails whose source an import runs."""


class Scene:
    """A module that is imported on a machine.

    Args:
        facts: of the module.
        world: the machine and the modules there.
        changed: the environment variables that code changes before the module runs.
        is_late: after a model was made, when a process has settled on how it starts others.
    """

    def __init__(
        self, facts: Facts, world: Answers, changed: frozenset[str] = frozenset(), is_late: bool = False
    ) -> None:
        self.facts = facts
        self.world = world
        self.is_late = is_late
        self.judge = Judge(facts, world.target, world.importable, changed)

    @property
    def target(self) -> Target:
        """The machine."""
        return self.world.target

    @cached_property
    def bindings(self) -> dict[str, list[Binding]]:
        """The bindings of each name that the module defines."""
        found: dict[str, list[Binding]] = {}
        for binding in self.facts.bindings:
            found.setdefault(binding.name, []).append(binding)
        return found

    @cached_property
    def imports(self) -> dict[str, list[Import]]:
        """The imports at import that bind each name."""
        found: dict[str, list[Import]] = {}
        for item in self.facts.imports:
            for name in bound_names(item) if item.place.at_import else ():
                found.setdefault(name, []).append(item)
        return found

    @cached_property
    def guarded(self) -> frozenset[str]:
        """The names that are bound under a test."""
        return frozenset(read.name for read in self.facts.guarded_reads)

    @cached_property
    def tries_imports(self) -> bool:
        """Whether the module goes on where some import fails."""
        return any(item.place.at_import and item.place.caught for item in self.facts.imports)

    @cached_property
    def binds_unseen(self) -> bool:
        """Whether a star import may bind any name."""
        return any(
            bound == "*" for item in self.facts.imports if item.place.at_import for _, bound in item.names
        )
