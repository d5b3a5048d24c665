"""A report as text: a frame or one line for each finding, then what was checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nequip_lint.engine.run import Report
from nequip_lint.reports.colour import Paint, plain
from nequip_lint.reports.frame import concise, frame
from nequip_lint.text import escaped
from nequip_lint.values import Severity


def statistics(report: Report) -> str:
    """Findings per code."""
    names = {finding.code: finding.name for finding in report.findings}
    return "\n".join(f"{count:>5}  {code}  {names[code]}" for code, count in sorted(report.by_code.items()))


def closing(report: Report) -> str:
    """The last line: what was found, and what could not be checked."""
    errors, warnings = report.count(Severity.ERROR), report.count(Severity.WARNING)
    files = _count(report.files, "file")
    judged = f" (judged with the summaries of {', '.join(report.summaries)})" if report.summaries else ""
    if report.findings:
        found = f"{_count(errors, 'error')}, {_count(warnings, 'warning')} in {files}{judged}"
    elif not report.files:
        found = "nothing checked: `exclude` leaves no file"
    else:
        found = f"{'nothing new' if report.baselined else 'clean'}: {files} checked{judged}"
    if report.baselined:
        found += f"; {_count(report.baselined, 'finding')} in the baseline"
    if report.unchecked:
        found += f"; {_count(report.unchecked, 'place')} not checked (NQ004)"
    return "; ".join([found, *(_remedies(report) if report.is_fixable else ())])


def _remedies(report: Report) -> Iterator[str]:
    """The options to try for the fixes that are planned."""
    planned = [(finding.code, finding.fix) for finding in report.findings if finding.fix is not None]
    for is_safe, options in ((True, "--fix"), (False, "--fix --unsafe-fixes")):
        codes = sorted({code for code, fix in planned if fix.is_safe == is_safe})
        if codes:
            yield f"try {options} for {', '.join(codes)}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def render(report: Report, style: str, paint: Paint = plain) -> Iterable[str]:
    """The whole report in one of the styles `full` and `concise`."""
    one = frame if style == "full" else concise
    yield from (one(finding, paint) for finding in report.findings)
    yield from (f"note: {escaped(note)}" for note in report.notes)
    yield escaped(closing(report))
