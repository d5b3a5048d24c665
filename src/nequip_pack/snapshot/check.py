"""``nequip-lint check`` of packages."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from nequip_lint.engine.run import Report, project_findings
from nequip_lint.engine.selection import Selection
from nequip_lint.facts.cache import Cache
from nequip_lint.project.libraries import is_optional
from nequip_lint.project.metadata import Metadata as ProjectMetadata
from nequip_lint.project.model import Project
from nequip_lint.project.stdlib import is_stdlib
from nequip_lint.project.target import EVERYTHING, Patterns, Target
from nequip_lint.reports.prediction import describe
from nequip_lint.text import escaped
from nequip_lint.values import Severity
from nequip_pack.compare.pickled import read_pickle
from nequip_pack.errors import DamagedError
from nequip_pack.format import open_archive
from nequip_pack.format.consistency import read_consistent
from nequip_pack.format.manifest import check_content
from nequip_pack.format.metadata import extern_modules, model_member, python_version
from nequip_pack.format.records import GONE, records_gone
from nequip_pack.gate.origin import OriginSources, origin_code
from nequip_pack.snapshot.judge import failures, lost, unread
from nequip_pack.snapshot.world import PackageWorld

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nequip_lint.values import Finding
    from nequip_pack.format import Archive, Metadata
    from nequip_pack.gate.origin import OriginCode

_PYTHON = re.compile(r"([0-9]{1,3})\.([0-9]{1,3})(?![0-9])")
_AT_LOAD = Selection(select=("NQ3",))
"""What is wrong wherever the package is loaded; all other families are about the build of it."""


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine that is asked about.

    Attributes:
        python: ``None`` for the Python that built the package.
        gpu: whether it has a GPU.
        present: external libraries to take as installed.
        absent: those to take as missing. All others are taken as installed, unless they were absent when the
            package was built or exist on some machines only.
    """

    python: tuple[int, int] | None = None
    gpu: bool = False
    present: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()


class Judged(NamedTuple):
    """What is wrong with a package.

    Attributes:
        failing: where importing a module fails on the machine.
        lost: what the package lacks for all machines.
        others: files that cannot be read, and findings of rules, which say for themselves when they bite.
    """

    failing: tuple[Finding, ...]
    lost: tuple[Finding, ...]
    others: tuple[Finding, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All of them."""
        return (*self.others, *self.failing, *self.lost)

    @property
    def verdict(self) -> str:
        """Whether the package loads on the machine, in words before its description."""
        if any(finding.severity is Severity.ERROR for finding in self.failing):
            return "does not load on"
        return "judged for" if self.others else "loads, as far as its source tells, on"


def check_package(path: Path, machine: Machine, selection: Selection) -> Report:
    """Lint the source inside a package; nothing of it runs.

    Args:
        path: of the package.
        machine: where it is to be loaded.
        selection: of codes.

    Raises:
        InputError: if it is missing or no package.
        DamagedError: if it is damaged.
        FormatError: if a newer release wrote it.
    """
    archive = open_archive(path)
    check_content(archive)
    metadata, oddities = read_consistent(archive)
    target = _target(archive, metadata, machine)
    code = origin_code(path, Cache(None))
    with code.folder as folder:
        roots = _roots(archive, metadata, code)
        judged = _judged(archive, code, roots, target)
    found = (finding for finding in judged.findings if selection.enabled(finding.code))
    shown = (_in_package(finding, path, folder) for finding in found)
    ordered = tuple(sorted(shown, key=lambda f: (f.path, f.span, f.code)))
    said = [*oddities, GONE] if records_gone(archive, metadata) else oddities
    told = [f"{judged.verdict} {machine_words(target)}", *map(escaped, said)]
    notes = (*(f"{path}: {line}" for line in told), *_unknown(path, archive, code, machine))
    return Report(ordered, len(code.facts), (), notes, is_fixable=False)


def _unknown(path: Path, archive: Archive, code: OriginCode, machine: Machine) -> Iterator[str]:
    """The libraries that were asked about and of which the package knows nothing."""
    imports = (item for facts in code.facts.values() for item in facts.imports)
    names = {*extern_modules(archive), *(item.module or "" for item in imports)}
    tops = {name.partition(".")[0] for name in names}
    for library in sorted((machine.present | machine.absent) - tops):
        yield f"{path}: nothing in it imports {library}"


def _roots(archive: Archive, metadata: Metadata, code: OriginCode) -> tuple[str, ...]:
    """The modules of the package that the models' pickles name.

    Raises:
        DamagedError: if the package does not have one of them.
    """
    pickles = (read_pickle(archive, model_member(mode)) for mode in metadata.available_models)
    modules = {module for pickled in pickles for module in pickled.modules}
    tops = {module.partition(".")[0] for module in code.facts}
    for module in sorted(modules - code.facts.keys()):
        if module.partition(".")[0] in tops:
            what = f"the package has no source of {module}, of which its model is made"
            raise DamagedError(what, where=archive.path, remedy="build the package again")
    return tuple(sorted(modules & code.facts.keys()))


def _target(archive: Archive, metadata: Metadata, machine: Machine) -> Target:
    tops = {name.partition(".")[0] for name in extern_modules(archive)}
    not_there = {name for name, version in metadata.external_modules.items() if version is None}
    missing = {name for name in tops if is_optional(name) or (name in not_there and not is_stdlib(name))}
    return Target(
        "",
        machine.python or _built_with(archive),
        machine.gpu,
        machine.present,
        frozenset((missing - machine.present) | machine.absent),
        others="present",
        triton=metadata.external_modules.get("triton") or "",
    )


def _built_with(archive: Archive) -> tuple[int, int]:
    found = _PYTHON.match(python_version(archive) or "")
    return (int(found[1]), int(found[2])) if found else (sys.version_info[0], sys.version_info[1])


def _judged(archive: Archive, code: OriginCode, roots: tuple[str, ...], target: Target) -> Judged:
    sources = OriginSources(code, (), Cache(None))
    internal = frozenset(module.partition(".")[0] for module in code.facts)
    externals = frozenset(extern_modules(archive))
    here = PackageWorld(sources, internal, externals, target)
    everywhere = PackageWorld(sources, internal, externals, EVERYTHING)
    failing = tuple(failures(roots, code.facts, here, machine_words(target._replace(absent=frozenset()))))
    missing = lost(roots, code.facts, everywhere, {(f.path, f.span.line) for f in failing})
    project = Project(
        ProjectMetadata(code.folder.path, code.folder.path),
        tuple(facts for _, facts in sorted(code.facts.items())),
        sources,
        roots=roots,
        in_force=Patterns(internal, externals - internal),
    )
    others = (*unread(code.facts), *project_findings(project, _AT_LOAD))
    return Judged(failing, tuple(missing), others)


def machine_words(target: Target) -> str:
    """The machine without the packager, which for a package has done its work."""
    return describe(target).partition(", ")[2]


def _in_package(finding: Finding, path: Path, folder: Path) -> Finding:
    """The same with paths below the package instead of the copy of its source."""
    copy, package = f"{folder / path.name}", f"{path.resolve()}"

    def renamed(text: str) -> str:
        return f"{package}{text.removeprefix(copy)}" if text.startswith(copy) else text

    chain = tuple(step._replace(path=renamed(step.path)) for step in finding.chain)
    return finding._replace(path=renamed(finding.path), chain=chain)
