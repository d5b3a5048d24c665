"""A report as text: a frame or one line for each finding, then what was checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nequip_lint.engine.run import Report
from nequip_lint.reports.colour import Paint, plain
from nequip_lint.reports.extent import IS_KNOWN, count, models, sources, unchecked, unjudged
from nequip_lint.reports.frame import concise, frame
from nequip_lint.text import escaped
from nequip_lint.values import Severity


def statistics(report: Report) -> str:
    """Findings per code."""
    names = {finding.code: finding.name for finding in report.findings}
    return "\n".join(f"{count:>5}  {code}  {names[code]}" for code, count in sorted(report.by_code.items()))


def closing(report: Report) -> str:
    """The last line: what was found, of how much, with which sources, and what could not be checked."""
    if not (report.findings or report.files):
        found = "nothing checked: `exclude` leaves no file"
    else:
        found = f"{_found(report)}{models(report)}{sources(report)}"
    more = [f"{count(report.baselined, 'finding')} in the baseline"] if report.baselined else []
    more += (*unjudged(report), *unchecked(report), *(_remedies(report) if report.is_fixable else ()))
    return "; ".join([found, *more])


def _found(report: Report) -> str:
    """What was found in how many files; they are clean only if some class was judged."""
    files = count(report.files, "file")
    if report.findings:
        errors, warnings = report.count(Severity.ERROR), report.count(Severity.WARNING)
        return f"{count(errors, 'error')}, {count(warnings, 'warning')} in {files}"
    if report.baselined:
        return f"nothing new: {files}"
    if report.is_nothing_judged:
        return f"nothing judged: no class in {files} {IS_KNOWN}"
    return f"clean: {files}{'' if report.projects else ' checked'}"


def _remedies(report: Report) -> Iterator[str]:
    """The options to try for the fixes that are planned."""
    planned = [(finding.code, finding.fix) for finding in report.findings if finding.fix is not None]
    for is_safe, options in ((True, "--fix"), (False, "--fix --unsafe-fixes")):
        codes = sorted({code for code, fix in planned if fix.is_safe == is_safe})
        if codes:
            yield f"try {options} for {', '.join(codes)}"


def render(report: Report, style: str, paint: Paint = plain) -> Iterable[str]:
    """The whole report in one of the styles `full` and `concise`."""
    one = frame if style == "full" else concise
    yield from (one(finding, paint) for finding in report.findings)
    yield from (f"note: {escaped(note)}" for note in report.notes)
    yield escaped(closing(report))
