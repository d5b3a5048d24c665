"""One target's answers: does a module exist there, can it be imported, what is done with it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from nequip_lint.closure.chained import Chained
from nequip_lint.declared.locate import Kind
from nequip_lint.facts.values import Facts, Import
from nequip_lint.hazards.cause import Reason
from nequip_lint.hazards.hazard import ending, failure_of
from nequip_lint.hazards.imports import UNREADABLE
from nequip_lint.hazards.scene import Failure, Scene
from nequip_lint.machine import standard_library as stdlib
from nequip_lint.machine.evaluate import changed_by
from nequip_lint.machine.libraries import is_optional
from nequip_lint.machine.target import Patterns, Target, covers
from nequip_lint.project.sources import Sources


class World:
    """A target together with the sources at hand and the patterns in force.

    Args:
        sources: where modules and their facts come from.
        patterns: what is interned, externed and mocked.
        target: the building machine.
    """

    def __init__(self, sources: Sources, patterns: Patterns, target: Target) -> None:
        self.sources = sources
        self.patterns = patterns
        self.target = target
        self._interned = frozenset(name.partition(".")[0] for name in patterns.intern)
        self.made: Mapping[str, str] = MappingProxyType({})
        self._early: frozenset[str] | None = None
        self._failures: Chained[str, Failure | None] = Chained(self._judge, None)
        self._bound: dict[str, frozenset[str]] = {}

    def after(self, early: frozenset[str]) -> World:
        """The same machine in a process that has settled on a start method for other processes.

        Args:
            early: the modules that were imported before.
        """
        return self._later(early, self.made)

    def making(self, made: Mapping[str, str]) -> World:
        """The same machine in a process in which code has made modules.

        Args:
            made: the modules without a file in `sys.modules`, and the module whose code made each.
        """
        return self._later(self._early, made)

    def _later(self, early: frozenset[str] | None, made: Mapping[str, str]) -> World:
        later = World(self.sources, self.patterns, self.target)
        later._early, later.made = early, made
        return later

    def present(self, module: str) -> bool | None:
        """Whether the library of a module is installed on the target; None where nothing tells."""
        top = module.partition(".")[0]
        if top in self.target.absent:
            return False
        if self.target.others == "present" or top in self.target.present or top == "torch":
            return True
        if self.target.others in ("absent", "unread") and not self._is_internal(top):
            return False if self.target.others == "absent" or is_optional(top) else None
        if self.sources.knows(top):
            return True
        return None if self.target.others == "known" else False

    def _is_internal(self, top: str) -> bool:
        return top in self.sources.tops or top in self._interned

    def exists(self, module: str, *, candidate: bool = False) -> bool:
        """Whether torch.package's `_module_exists` says yes (`torch/package/package_exporter.py`).

        Args:
            module: the dotted name.
            candidate: the last part came from a `from` import and may well be an attribute; then a
                library whose files are not at hand is taken not to have it as a submodule.
        """
        if module.startswith(("torch_package_importer", "_mock")):
            return True
        if stdlib.is_stdlib(module, self.target.python) and not self.hides(module):
            return stdlib.has(module)
        if module in self.made and self.sources.location(module) is None:
            return True
        if not self.present(module):
            return False
        if not self.sources.knows(module.partition(".")[0]):
            return not candidate
        if self.sources.location(module) is None:
            return False
        return self.failure(module) is None

    def facts(self, module: str) -> Facts | None:
        """The facts of a module, where its source or a summary is at hand."""
        return self.sources.facts(module)

    def hides(self, module: str) -> bool:
        """Whether linted code stands in the place of the standard library's module of this name."""
        return module.partition(".")[0] in self.sources.tops

    def importable(self, module: str) -> bool | None:
        """Whether a module can be imported on the target; None where nothing tells."""
        if stdlib.is_stdlib(module, self.target.python):
            return stdlib.has(module)
        present = self.present(module)
        if not present or not self.sources.knows(module.partition(".")[0]):
            return present
        return self.exists(module)

    def failure(self, module: str) -> Failure | None:
        """Why importing a module with source fails on the target, None where it succeeds or nothing tells.

        Only internal modules, and what is external or mocked below them, are judged; the code of installed
        libraries is taken to import.
        """
        return self._failures(module)

    def _judge(self, module: str) -> Failure | None:
        parent = module.rpartition(".")[0]
        inherited = self.failure(parent) if parent else None
        if inherited is not None or not self._is_judged(module):
            return inherited
        place = self.sources.location(module)
        facts = self.sources.facts(module) if place is not None and place.kind is Kind.SOURCE else None
        if facts is None:
            return None
        if facts.problem:
            return Failure(Reason(UNREADABLE, (module, facts.problem)), "SyntaxError")
        return self._run(facts)

    def _is_judged(self, module: str) -> bool:
        if self.patterns.action(module) is None:
            return self.hides(module)
        return covers(self.patterns.intern, module)

    def _run(self, facts: Facts) -> Failure | None:
        """What ends the import of a module, if anything does for certain."""
        event = ending(self.scene(facts))
        return None if event is None else failure_of(facts, event)

    def scene(self, facts: Facts) -> Scene:
        """A module as it is imported on the machine."""
        is_late = self._early is not None and facts.module not in self._early
        return Scene(facts, self, self._changed(facts.module), is_late)

    def _changed(self, module: str) -> frozenset[str]:
        """The environment variables that the packages around a module change before it runs."""
        parent = module.rpartition(".")[0]
        if self.target.environment is None or not parent:
            return frozenset()
        facts = self.sources.facts(parent)
        return self._changed(parent) | (frozenset() if facts is None else changed_by(facts))

    def lost(self, item: Import) -> Reason | None:
        """Why a package does not have what an import names; here are no packages."""
        return None

    def failure_behind(self, item: Import) -> Failure | None:
        """Why one of the modules fails whose source an import runs."""
        if item.module is None or (stdlib.is_stdlib(item.module) and not self.hides(item.module)):
            return None
        is_here = self.sources.location(item.module) is not None
        failure = self.failure(item.module) if is_here else None
        if failure is not None or not self._is_judged(item.module):
            return failure
        named = (name for name, _ in item.names if name != "*" and not self._binds(item.module, name))
        submodules = (f"{item.module}.{name}" for name in named)
        inner = (self.failure(name) for name in submodules if self.sources.facts(name))
        return next(filter(None, inner), None)

    def _binds(self, module: str, name: str) -> bool:
        if module not in self._bound:
            facts = self.sources.facts(module)
            self._bound[module] = frozenset() if facts is None else bound_in(facts)
        return name in self._bound[module]


def bound_in(facts: Facts) -> frozenset[str]:
    """Every module-level name that a module binds itself, imports included."""
    names = {binding.name for binding in facts.bindings}
    for item in facts.imports:
        if item.place.at_import:
            names.update(bound for _, bound in item.names)
            names.add(item.bound)
    return frozenset(names)
