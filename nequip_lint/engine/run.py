"""From a request to a report: assemble the projects, run every rule, suppress."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from nequip_lint.engine.releases import over_releases, releases_of
from nequip_lint.engine.selection import Selection, validated
from nequip_lint.engine.suppress import split, unused
from nequip_lint.pages import page
from nequip_lint.project.assemble import Assembled, Request, assemble
from nequip_lint.project.config import Config
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rules
from nequip_lint.values import Finding, Severity


class Judged(NamedTuple):
    """What was judged of one project: its settings, the linted files, and the codes that were switched on."""

    config: Config
    files: frozenset[str]
    selection: Selection


class Report(NamedTuple):
    """What a check found.

    `summaries` are the releases whose summaries stood in for source, `unchecked` counts NQ004, `baselined`
    the findings that a baseline lets pass, `is_fixable` says whether what was linted can be changed at all.
    """

    findings: tuple[Finding, ...]
    files: int
    summaries: tuple[str, ...]
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
    used = {text for item in assembled for text in releases_of(item.combinations)}
    notes = {c.reason for a in assembled for c in a.combinations[0] if c.release is None}
    if request.only is not None:
        findings = [finding for finding in findings if finding.path == str(request.only)]
    ordered = sorted(findings, key=lambda f: (f.path, f.span, f.code))
    projects = tuple(_as_judged(item, selection, request.only) for item in assembled)
    files = sum(len(item.files) for item in projects)
    report = Report(tuple(ordered), files, tuple(sorted(used)), tuple(sorted(notes)), projects)
    return Checked(report, tuple(assembled))


def _as_judged(item: Assembled, asked: Selection, only: Path | None) -> Judged:
    every = (facts.path for facts in item.project.files)
    files = frozenset(path for path in every if only is None or path == str(only))
    return Judged(item.config, files, _combined(item.config, asked))


def _findings(assembled: Assembled, asked: Selection) -> list[Finding]:
    config = assembled.config
    selection = _combined(config, asked)
    found = over_releases(assembled, lambda project: _hits(project, selection))
    judged = _judged(found, assembled.project, selection)
    return [f for f in judged if not _is_ignored(f, config)]


def project_findings(project: Project, selection: Selection) -> list[Finding]:
    """Every finding of one project, suppressions applied."""
    return _judged(_hits(project, selection), project, selection)


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


def _combined(config: Config, asked: Selection) -> Selection:
    where = str(config.path)
    for _, codes in config.per_file_ignores:
        validated(codes, where)
    select = asked.select or validated(config.select, where)
    return Selection(select, (*validated(config.ignore, where), *asked.ignore))


def _is_ignored(finding: Finding, config: Config) -> bool:
    return _starts(finding.code, config.ignored_for(Path(finding.path)))


def _starts(code: str, prefixes: Iterable[str]) -> bool:
    return any(code.startswith(prefix.upper()) for prefix in prefixes)
