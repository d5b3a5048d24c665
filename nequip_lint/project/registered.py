"""What a linted project registers, and the machines on which it is built with that."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from nequip_lint.closure.import_time import import_time_set
from nequip_lint.closure.world import World
from nequip_lint.facts.values import Facts
from nequip_lint.machine import standard_library as stdlib
from nequip_lint.machine.evaluate import catches
from nequip_lint.machine.libraries import is_optional
from nequip_lint.machine.target import EVERYTHING, Patterns, Target
from nequip_lint.project.registrations import CORE, Registration, defaults, registrations_in
from nequip_lint.project.rooted import Rooted

_ABSENT = "ModuleNotFoundError"


class Registered(Rooted):
    """A project whose registrations are known."""

    def entry(self, top: str) -> Facts | None:
        """The linted module that nequip imports first, in a package where that has one.

        Args:
            top: the name of the package; '' for any.
        """
        names = (name for name in (*self.entry_points, *sorted(self.uncovered)) if name in self.owned)
        name = min(names, key=lambda name: name.partition(".")[0] != top, default="")
        return self.owned.get(name)

    @cached_property
    def started(self) -> dict[str, Facts]:
        """The modules that run when entry points and packages without one are imported."""
        bare = World(self.sources, Patterns(intern=self.internal | self.uncovered), EVERYTHING)
        used = (name for name in self.extensions if name.partition(".")[0] in self._used)
        starts = (*self.entry_points, *used, *sorted(self.uncovered))
        return import_time_set(starts, bare, self._may_register)

    @cached_property
    def _used(self) -> frozenset[str]:
        """The top-level names that come along wherever the project is installed: what another extension
        registers, which happens to be there, does not count.
        """
        imported = (item.module or "" for facts in self.files for item in facts.imports)
        return self.required | self.tops | {name.partition(".")[0] for name in (*imported, *self.roots)}

    @cached_property
    def registrations(self) -> tuple[Registration, ...]:
        """The registration calls that run then."""
        return tuple(registrations_in(self.started.values()))

    def _may_register(self, module: str) -> bool:
        """Whether a module is the project's or an extension's; nequip and e3nn register nothing by calls."""
        return module in self.owned or module.partition(".")[0] not in CORE

    @cached_property
    def patterns(self) -> Patterns:
        """The registrations in force; a package without an entry point is taken to have one."""
        return self._patterns(self.registrations, self.uncovered)

    def patterns_on(self, target: Target, uncovered: frozenset[str] = frozenset()) -> Patterns:
        """The registrations in force on one machine.

        Args:
            target: the machine; a call under a test that fails there registers nothing.
            uncovered: packages without an entry point that are interned all the same.
        """
        world = self.world(target)
        running = (item for item in self.registrations if item.runs(target, world.importable))
        return self._patterns(running, uncovered)

    def _patterns(self, registrations: Iterable[Registration], uncovered: frozenset[str]) -> Patterns:
        if self._in_force is not None:
            return self._in_force
        extern, mock = defaults(self.sources) if self.uses_nequip else (frozenset(), frozenset())
        for item in registrations:
            extern |= frozenset(item.extern or ())
            mock |= frozenset(item.mock or ())
        settings = self.settings
        return Patterns(self.internal | uncovered, extern | settings.extern, mock | settings.mock)

    @property
    def is_computed(self) -> bool:
        """Whether some registration call has arguments that cannot be read from source."""
        return any(item.extern is None or item.mock is None for item in self.registrations)

    def is_third_party(self, module: str) -> bool:
        """Whether a module belongs to a library: not internal, not torch, not the standard library."""
        top = module.partition(".")[0]
        if top == "torch" or stdlib.is_stdlib(top) or top in self.tops:
            return False
        return not any(name.partition(".")[0] == top for name in self.patterns.intern)

    def is_required(self, module: str) -> bool:
        """Whether every installation of the project has the library of a module."""
        top = module.partition(".")[0]
        return top in self.required and not is_optional(top)

    def world(self, target: Target) -> World:
        """The project seen from one building machine."""
        return World(self.sources, self.patterns, target)

    @cached_property
    def full_world(self) -> World:
        """A machine with every library and a GPU: nothing is dropped there."""
        return self.world(EVERYTHING)

    @cached_property
    def bare_world(self) -> World:
        """A machine with what the requirements bring and no GPU; where it is not known what some of them
        bring, other libraries may be there.
        """
        target = self.barest_world.target
        if not self.unread:
            return self.barest_world
        return self.world(target._replace(others="unread", absent=self._guarded - target.present))

    @cached_property
    def barest_world(self) -> World:
        """The same, where requirements of which nothing is known bring nothing."""
        present = frozenset(name for name in self.required if not is_optional(name))
        return self.world(Target(present=present, others="absent"))

    @property
    def _guarded(self) -> frozenset[str]:
        """The libraries that the project itself takes as missing on some machines: it catches that."""
        places = ((item.module or "", item.place) for facts in self.files for item in facts.imports)
        names = (module.partition(".")[0] for module, place in places if catches(place.caught, _ABSENT))
        return frozenset(names) - self.tops - self.internal_tops - {"torch"}
