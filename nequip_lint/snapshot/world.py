"""A package on the machine that loads it: which of its modules can be imported out of it there.

The importer of a package knows the modules that the archive holds and the external ones that it names, and
nothing else (torch 2.13, `torch/package/package_importer.py`, `_load_module`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nequip_lint.closure.world import World, bound_in
from nequip_lint.facts.values import Facts, Import
from nequip_lint.hazards.cause import Cause, Reason
from nequip_lint.hazards.imports import FORGOTTEN, LOST, UNNAMED
from nequip_lint.hazards.scene import Failure
from nequip_lint.machine.target import Patterns, Target, covers
from nequip_lint.project.sources import Sources
from nequip_lint.snapshot.code import parents
from nequip_lint.values import Step

_NUMPY = ("numpy", "numpy.core", "numpy.core._multiarray_umath")
_ALWAYS = frozenset({*_NUMPY, "builtins", "torch_package_importer"})
"""What every package may import, whatever it names (`IMPLICIT_IMPORT_ALLOWLIST`)."""

_NEWER = Cause(
    "NQ501", "{} is syntax of Python {}", help_for_package="load it with that Python or a newer one"
)


class PackageWorld(World):
    """Answers for one package and one machine.

    Args:
        sources: the package's, by module.
        internal: the top-level names in the archive.
        externals: the external modules that the archive names.
        target: the machine that loads it.
        forgotten: the registered libraries that were absent where it was built.
    """

    def __init__(
        self,
        sources: Sources,
        internal: frozenset[str],
        externals: frozenset[str],
        target: Target,
        forgotten: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(sources, Patterns(intern=internal), target)
        self.externals = externals
        self.forgotten = forgotten
        self._above = frozenset(parent for name in externals for parent in parents(name))

    def making(self, made: Mapping[str, str]) -> World:
        """The same: an importer of packages does not look into `sys.modules`, whatever code puts there."""
        return self

    def lacking(self, item: Import) -> Iterator[str]:
        """The modules that an import needs and that the package has neither in itself nor as external."""
        if item.module is None:
            return
        if not self._is_here(item.module):
            if not self._is_external(item.module):
                yield item.module
            return
        facts = self.sources.facts(item.module)
        if facts is not None and facts.problem:
            return
        known = bound_in(facts) if facts is not None else frozenset[str]()
        for name, _ in item.names:
            submodule = f"{item.module}.{name}"
            is_bound = not known.isdisjoint((name, "*", "__getattr__"))
            is_module = self._is_here(submodule) or self._is_external(submodule)
            if name != "*" and not is_bound and not is_module:
                yield submodule

    def why_lacking(self, module: str) -> Reason:
        """Why a module is not there: the package lost it, or does not name it."""
        if self.is_internal(module):
            return Reason(LOST, (module,))
        return Reason(FORGOTTEN if module.partition(".")[0] in self.forgotten else UNNAMED, (module,))

    def present(self, module: str) -> bool | None:
        """Whether a module is in the package, or its library is there."""
        return self._is_here(module) or super().present(module)

    def hides(self, module: str) -> bool:
        """Whether the package has a module of the name."""
        return self._is_here(module)

    def is_internal(self, module: str) -> bool:
        """Whether a module belongs to a package of which the archive holds source."""
        return module.partition(".")[0] in self.patterns.intern

    def _is_here(self, module: str) -> bool:
        return self.sources.location(module) is not None

    def _is_external(self, module: str) -> bool:
        """Whether the importer finds a module outside; a parent of an external one is an empty package."""
        return module in _ALWAYS or module in self._above or covers(self.externals, module)

    def _run(self, facts: Facts) -> Failure | None:
        for item in self.sources.details(facts).syntax:
            if self.target.python < item.since:
                step = Step(facts.module, facts.path, item.span.line, item.name)
                return Failure(Reason(_NEWER, (item.name, _shown(item.since))), "SyntaxError", (step,))
        return super()._run(facts)

    def lost(self, item: Import) -> Reason | None:
        """Why the package does not have what an import names, if it does not."""
        lacking = next(self.lacking(item), None)
        return None if lacking is None else self.why_lacking(lacking)


def _shown(python: tuple[int, int]) -> str:
    return f"{python[0]}.{python[1]}"
