"""The judgement of a package: what fails on a machine, what is lost for all, what no build would pass."""

from __future__ import annotations

from typing import NamedTuple

from nequip_lint.cache.entries import Cache
from nequip_lint.closure.packaged import Closure, packaged_set
from nequip_lint.closure.world import World
from nequip_lint.declared.metadata import Metadata
from nequip_lint.engine.run import project_findings
from nequip_lint.engine.selection import Selection
from nequip_lint.machine.target import EVERYTHING, Patterns, Target
from nequip_lint.project.model import Project
from nequip_lint.snapshot.code import ArchivedCode, ArchivedSources
from nequip_lint.snapshot.failures import failures, lost, unread
from nequip_lint.snapshot.machine import Built, Machine, target_of
from nequip_lint.snapshot.world import PackageWorld
from nequip_lint.values import Finding, Severity

_AT_LOAD = Selection(select=("NQ3",))
"""What is wrong wherever the package is loaded; all other families are about the build of it."""
_OUTCOMES = {
    True: "loads, as far as its source tells, on",
    None: "judged for",
    False: "does not load on",
}


class Judged(NamedTuple):
    """What is wrong with a package.

    `failing` is where importing a module fails on the machine, `lost` what the package lacks for all
    machines. `others` are files that cannot be read, and findings of rules, which say for themselves when
    they bite.
    """

    failing: tuple[Finding, ...]
    lost: tuple[Finding, ...]
    others: tuple[Finding, ...]
    target: Target

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All of them."""
        return (*self.others, *self.failing, *self.lost)

    @property
    def loads(self) -> bool | None:
        """Whether the package loads on the machine; None where other findings leave that open."""
        if any(finding.severity is Severity.ERROR for finding in self.failing):
            return False
        return None if self.others else True

    @property
    def verdict(self) -> str:
        """The same in words."""
        return f"{_OUTCOMES[self.loads]} {self.target.machine}"


def closure_in(code: ArchivedCode, roots: tuple[str, ...]) -> Closure:
    """The closure of a package's source; the arguments are those of :func:`nequip_lint.api.closure_in`."""
    internal = frozenset(module.partition(".")[0] for module in code.facts)
    sources = ArchivedSources(code, (), Cache(None))
    return packaged_set(roots, World(sources, Patterns(intern=internal), EVERYTHING))


def judge_package(code: ArchivedCode, built: Built, machine: Machine) -> Judged:
    """Judge the source in a package for a machine; nothing of it runs."""
    target = target_of(machine, built)
    sources = ArchivedSources(code, (), Cache(None))
    internal = frozenset(module.partition(".")[0] for module in code.facts)
    forgotten = frozenset(name for name, version in built.versions.items() if version is None)
    here = PackageWorld(sources, internal, built.externals, target, forgotten)
    everywhere = PackageWorld(sources, internal, built.externals, EVERYTHING, forgotten)
    failing = tuple(failures(built.roots, code.facts, here))
    told = {(finding.path, finding.span.line) for finding in failing}
    missing = lost(built.roots, code.facts, everywhere, told, built.mocks)
    project = Project(
        Metadata(code.folder, code.folder),
        tuple(facts for _, facts in sorted(code.facts.items())),
        sources,
        roots=built.roots,
        in_force=Patterns(internal, built.externals - internal),
    )
    others = (*unread(code.facts), *project_findings(project, _AT_LOAD))
    return Judged(failing, tuple(missing), others, target)


def libraries_named(code: ArchivedCode, externals: frozenset[str]) -> frozenset[str]:
    """The top-level names that anything in a package imports or that it names as external."""
    imports = (item for facts in code.facts.values() for item in facts.imports)
    names = {*externals, *(item.module or "" for item in imports)}
    return frozenset(name.partition(".")[0] for name in names)
