"""From a request to a report: assemble the projects, run every rule, suppress."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from nequip_lint.declared.config import Config
from nequip_lint.engine.extent import Extent, extent_of
from nequip_lint.engine.placing import Owner, owner_in, placed
from nequip_lint.engine.releases import over_releases
from nequip_lint.engine.selection import Selection, validated
from nequip_lint.engine.suppress import split, unused
from nequip_lint.errors import LintError
from nequip_lint.pages import codes, page
from nequip_lint.project.assemble import Assembled, Request, assemble
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rules
from nequip_lint.summaries.known import is_known
from nequip_lint.values import Finding, Severity


class Judged(NamedTuple):
    """What was judged of one project: its settings, the linted files, and the codes that were switched on."""

    config: Config
    files: frozenset[str]
    selection: Selection
    extent: Extent


class Report(NamedTuple):
    """What a check found.

    `projects` are those that source was linted of, none for packages. `baselined` counts the findings that a
    baseline lets pass, `is_fixable` says whether what was linted can be changed at all.
    """

    findings: tuple[Finding, ...]
    files: int
    notes: tuple[str, ...] = ()
    projects: tuple[Judged, ...] = ()
    baselined: int = 0
    is_fixable: bool = True

    def count(self, severity: Severity) -> int:
        """How many findings have a severity."""
        return sum(finding.severity is severity for finding in self.findings)

    @property
    def unchecked(self) -> int:
        """How many imports or registrations could not be checked."""
        return sum(finding.code == "NQ004" for finding in self.findings)

    @property
    def unfollowed(self) -> int:
        """How many of these could be checked if their source were at hand."""
        return sum(finding.code == "NQ004" and not finding.detail for finding in self.findings)

    @property
    def is_nothing_judged(self) -> bool:
        """Whether source was linted in which no class is known to belong to a model."""
        return bool(self.files and self.projects) and not self.modules

    @property
    def summaries(self) -> tuple[str, ...]:
        """The releases whose summaries stood in for source."""
        return tuple(sorted({text for item in self.projects for text in item.extent.summaries}))

    @property
    def environments(self) -> dict[str, tuple[str, ...]]:
        """The packages that were read in each environment, by its path."""
        found: dict[str, dict[str, None]] = {}
        for item in self.projects:
            if item.files and item.extent.environment is not None:
                path = os.path.abspath(item.extent.environment)  # noqa: PTH100  links are left alone
                found.setdefault(path, {}).update(dict.fromkeys(item.extent.installed))
        return {path: tuple(names) for path, names in found.items()}

    @property
    def classes(self) -> int:
        """How many classes are known to belong to a model."""
        return sum(item.extent.classes for item in self.projects)

    @property
    def owners(self) -> tuple[str, ...]:
        """The packages that these classes are of, if no project has any of its own."""
        judged = [item.extent for item in self.projects if item.extent.modules]
        is_foreign = all(extent.owners for extent in judged)
        return tuple(sorted({name for extent in judged for name in extent.owners if is_foreign}))

    @property
    def lost(self) -> int:
        """How many builders could not be followed, where no finding says so."""
        return 0 if "NQ005" in self.by_code else sum(item.extent.lost for item in self.projects)

    @property
    def modules(self) -> int:
        """How many modules have them, or were given as roots."""
        return sum(item.extent.modules for item in self.projects)

    @property
    def by_code(self) -> Counter[str]:
        """Findings per code."""
        return Counter(finding.code for finding in self.findings)


class Checked(NamedTuple):
    """A report, and the projects that it is about, for plans of fixes."""

    report: Report
    assembled: tuple[Assembled, ...]


def check(request: Request, selection: Selection) -> Report:
    """Lint the paths of a request, as :func:`checked` does."""
    return checked(request, selection).report


def checked(request: Request, selection: Selection) -> Checked:
    """Lint the paths of a request.

    Args:
        request: what to lint and what to read for it.
        selection: codes from the command line; they come on top of the configuration's.

    Raises:
        LintError: something in the request or the configuration is not usable.
    """
    assembled = assemble(request)
    findings = [finding for item in assembled for finding in _findings(item, selection)]
    for item in assembled:
        item.cache.save()
    notes = {c.reason for a in assembled for c in a.combinations[0] if c.release is None}
    notes |= {note for item in assembled for note in item.notes}
    if request.only is not None:
        findings = [finding for finding in findings if finding.path == str(request.only)]
    ordered = sorted(findings, key=lambda f: (f.path, f.span, f.code))
    projects = tuple(_as_judged(item, selection, request.only) for item in assembled)
    files = sum(len(item.files) for item in projects)
    report = Report(tuple(ordered), files, tuple(sorted(notes)), projects)
    return Checked(report, tuple(assembled))


def _as_judged(item: Assembled, asked: Selection, only: Path | None) -> Judged:
    every = (facts.path for facts in item.project.files)
    files = frozenset(path for path in every if only is None or path == str(only))
    return Judged(item.config, files, combined(item.config, asked), extent_of(item))


def _findings(assembled: Assembled, asked: Selection) -> list[Finding]:
    config = assembled.config
    selection = combined(config, asked)
    found = over_releases(assembled, lambda project: _in_sight(project, selection))
    judged = _judged(found, assembled.project, selection)
    return [f for f in judged if not _is_ignored(f, config)]


def project_findings(project: Project, selection: Selection, owner: Owner | None = None) -> list[Finding]:
    """Every finding of one project, suppressions applied.

    Args:
        project: the project.
        selection: of codes.
        owner: tells the distributions of installed modules; None where nothing is installed.
    """
    found = _hits(project, selection)
    return _judged(found if owner is None else placed(project, found, owner), project, selection)


def _in_sight(project: Project, selection: Selection) -> list[Finding]:
    """The findings of a project, but for what installed releases are known to do."""
    found = placed(project, _hits(project, selection), owner_in(project))
    return [item for item in found if not (item.installed and is_known(item))]


def _hits(project: Project, selection: Selection) -> list[Finding]:
    return [
        as_finding(code, hit)
        for code, rule in rules().items()
        if selection.enabled(code)
        for hit in rule(project)
    ]


def _judged(found: Iterable[Finding], project: Project, selection: Selection) -> list[Finding]:
    kept, used = split(found, project.files)
    if selection.enabled("NQ002"):
        is_tested = bool(project.executed)
        found_idle = unused(project.files, used, selection, is_tested=is_tested)
        kept += (as_finding("NQ002", hit) for hit in found_idle)
    return kept


def as_finding(code: str, hit: Hit) -> Finding:
    """A hit with name and severity from its rule's page."""
    rule = page(code)
    place = (hit.path, hit.span, hit.module, hit.chain, hit.detail)
    return Finding(code, rule.name, rule.severity, hit.message, hit.help, *place)


def combined(config: Config, asked: Selection) -> Selection:
    """The codes that settings and options switch on together.

    Raises:
        LintError: the settings name a code that no rule has, or no rule is left.
    """
    where = str(config.path)
    for _, named in config.per_file_ignores:
        validated(named, where)
    select = asked.select or validated(config.select, where)
    selection = Selection(select, (*validated(config.ignore, where), *asked.ignore))
    if not any(map(selection.enabled, codes())):
        place = where if asked == Selection() else "--select and --ignore"
        raise LintError(f"{place}: no rule is left to check; ignore fewer codes")
    return selection


def _is_ignored(finding: Finding, config: Config) -> bool:
    return _starts(finding.code, config.ignored_for(Path(finding.path)))


def _starts(code: str, prefixes: Iterable[str]) -> bool:
    return any(code.startswith(prefix.upper()) for prefix in prefixes)
