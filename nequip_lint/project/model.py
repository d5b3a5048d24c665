"""The project model: everything that rules ask about one linted project."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from nequip_lint.closure.import_time import import_time_set
from nequip_lint.closure.packaged import Closure, packaged_set
from nequip_lint.closure.world import World
from nequip_lint.facts.values import Facts
from nequip_lint.machine import standard_library as stdlib
from nequip_lint.machine.libraries import is_optional
from nequip_lint.machine.target import EVERYTHING, Patterns, Target
from nequip_lint.project.metadata import Metadata
from nequip_lint.project.registrations import CORE, Registration, defaults, registrations_in
from nequip_lint.project.roots import Candidate, candidates
from nequip_lint.project.sources import Sources

_UNSHIPPED = frozenset({"benchmarks", "conftest", "docs", "examples", "scripts", "setup", "test", "tests"})


class Project:
    """One project: its files, what it declares, and what follows from both.

    Args:
        metadata: what the project declares.
        files: the facts of every linted file.
        sources: all source at hand.
        required: import names that every installation of the project has.
        extensions: internal packages besides nequip, e3nn and the project's own.
        settings: registrations that the configuration adds, by action.
        roots: exact roots; None to infer them.
        in_force: the registrations in force, where they are known; None to work them out from source.
    """

    def __init__(
        self,
        metadata: Metadata,
        files: tuple[Facts, ...],
        sources: Sources,
        required: frozenset[str] = frozenset(),
        extensions: Iterable[str] = (),
        settings: Patterns = Patterns(),  # noqa: B008  an immutable value
        roots: tuple[str, ...] | None = None,
        in_force: Patterns | None = None,
    ) -> None:
        self.metadata = metadata
        self.files = files
        self.sources = sources
        self.required = required
        self.extensions = frozenset(extensions)
        self.settings = settings
        self._exact_roots = roots
        self._in_force = in_force
        self.owned = {facts.module: facts for facts in files}

    @property
    def uses_nequip(self) -> bool:
        """Whether the project is, or requires, nequip, which brings registrations of its own."""
        return "nequip" in self.required or any(top in CORE for top in self.tops)

    @cached_property
    def tops(self) -> frozenset[str]:
        """The top-level names of the linted modules."""
        return frozenset(module.partition(".")[0] for module in self.owned)

    @cached_property
    def entry_points(self) -> tuple[str, ...]:
        """The modules that the project's own entry points name."""
        return tuple(value.partition(":")[0].strip() for value in self.metadata.extensions)

    @cached_property
    def internal(self) -> frozenset[str]:
        """What is interned when this project's models are packaged."""
        core = CORE if self.uses_nequip else ()
        return frozenset((*core, *self.entry_points, *self.extensions)) | self.settings.intern

    @property
    def _internal_tops(self) -> frozenset[str]:
        return frozenset(name.partition(".")[0] for name in self.internal)

    @cached_property
    def candidates(self) -> list[Candidate]:
        """Every `nn.Module` of the project, root or not, with the reason."""
        return candidates(self.files, self.sources, self._internal_tops)

    @cached_property
    def roots(self) -> tuple[str, ...]:
        """The modules whose closure is the packaged set."""
        if self._exact_roots is not None:
            return self._exact_roots
        found = (item.module for item in self.candidates if item.is_root)
        return tuple(dict.fromkeys(module for module in found if self._is_shipped(module)))

    def _is_shipped(self, module: str) -> bool:
        """Whether a module is part of what is installed: tests, examples and scripts define models too."""
        covered = Patterns(intern=self.internal).action(module) is not None
        *folders, name = self.owned[module].path.removeprefix(f"{self.metadata.root}/").split("/")
        return covered or not (name.startswith("test_") or _UNSHIPPED.intersection((*folders, name[:-3])))

    @cached_property
    def uncovered(self) -> frozenset[str]:
        """Top-level packages of the project that have roots which nothing interns."""
        bare = Patterns(intern=self.internal)
        return frozenset(
            root.partition(".")[0] for root in self.roots if root in self.owned and not bare.action(root)
        )

    @cached_property
    def registrations(self) -> tuple[Registration, ...]:
        """The registration calls that run when entry points and model code are imported."""
        bare = World(self.sources, Patterns(intern=self.internal | self.uncovered), EVERYTHING)
        starts = (*self.entry_points, *self.extensions, *sorted(self.uncovered))
        return tuple(registrations_in(import_time_set(starts, bare, self._may_register).values()))

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

    def world(self, target: Target) -> World:
        """The project seen from one building machine."""
        return World(self.sources, self.patterns, target)

    @cached_property
    def full_world(self) -> World:
        """A machine with every library and a GPU: nothing is dropped there."""
        return self.world(EVERYTHING)

    @cached_property
    def bare_world(self) -> World:
        """A machine with what the requirements bring and no GPU."""
        present = frozenset(name for name in self.required if not is_optional(name))
        return self.world(Target(present=present, others="absent"))

    @cached_property
    def packaged(self) -> Closure:
        """The largest packaged set."""
        return packaged_set(self.roots, self.full_world)

    @cached_property
    def interned(self) -> list[str]:
        """The modules whose source the archive holds, sorted."""
        return self.packaged.of("intern")

    @cached_property
    def loaded(self) -> frozenset[str]:
        """The packaged modules that loading a package runs, and not only some function of the model."""
        kept = frozenset(self.interned)
        return frozenset(import_time_set(self.roots, self.full_world, kept.__contains__))

    @cached_property
    def executed(self) -> dict[str, Facts]:
        """The linted modules whose module-level code runs in some build: import-time and packaged set."""
        starts = (*self.entry_points, *self.roots, *self.uncovered)
        found = import_time_set(starts, self.full_world, self._may_register)
        for module in (*self.interned, *self.packaged.of("dropped")):
            facts = self.sources.facts(module)
            if facts is not None:
                found[module] = facts
        return {module: facts for module, facts in found.items() if module in self.owned}

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

    def folder(self) -> Path:
        """The project's root folder."""
        return self.metadata.root
