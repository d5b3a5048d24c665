"""Findings as text: one line each, or with the chain and the source line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from nequip_lint.engine.run import Report
from nequip_lint.facts.source import read
from nequip_lint.reports.paths import shown
from nequip_lint.values import Chain, Finding, Severity


def concise(finding: Finding) -> str:
    """One line: place, code, message."""
    line, column = finding.span[:2]
    return f"{shown(finding.path)}:{line}:{column}: {finding.severity.value} {finding.code} {finding.message}"


def full(finding: Finding) -> str:
    """The place, what will happen, the source line and the chain that leads there."""
    line, column = finding.span[:2]
    head = f"{shown(finding.path)}:{line}:{column}: {finding.severity.value} {finding.code} [{finding.name}]"
    return "\n".join([head, f"  {finding.message}", *_frame(finding), *chain_lines(finding.chain, "  ")])


def _frame(finding: Finding) -> Iterator[str]:
    try:
        lines = read(Path(finding.path)).decode(errors="replace").replace("\r\n", "\n").split("\n")
    except OSError:
        return
    number = finding.span.line
    if 0 < number <= len(lines):
        yield f"  {number:>5} | {lines[number - 1]}"


def chain_lines(chain: Chain, indent: str) -> Iterator[str]:
    """A chain, one statement a line."""
    for number, step in enumerate(chain):
        arrow = "reached by" if number == 0 else "      then"
        yield f"{indent}{arrow} {shown(step.path)}:{step.line}: {step.statement}"


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
    else:
        found = f"clean: {files} checked{judged}"
    if report.unchecked:
        found += f"; {_count(report.unchecked, 'place')} not checked (NQ004)"
    return found


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def render(report: Report, style: str) -> Iterable[str]:
    """The whole report in one of the styles `full` and `concise`."""
    yield from (full(f) if style == "full" else concise(f) for f in report.findings)
    yield from (f"note: {note}" for note in report.notes)
    yield closing(report)
