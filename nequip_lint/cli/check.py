"""`nequip-lint check`."""

from __future__ import annotations

import argparse
import sys

from nequip_lint.cli.options import request_of
from nequip_lint.engine.run import Amend, Report
from nequip_lint.engine.run import check as run_check
from nequip_lint.engine.selection import Selection, validated
from nequip_lint.reports.formats import TEXT, document
from nequip_lint.values import Severity


def check(given: argparse.Namespace) -> int:
    """Lint and report; the exit code."""
    selection = Selection(_codes("--select", given.select), _codes("--ignore", given.ignore))
    if given.fix or given.diff or given.unsafe_fixes:
        return _fix(given, selection)
    report = run_check(request_of(given), selection, _fixes() if given.format == "json" else None)
    _write(report, given.format, given.statistics)
    return _code(report, given)


def _fix(given: argparse.Namespace, selection: Selection) -> int:
    """The same with `--fix` or `--diff`."""
    from nequip_lint.cli import fix

    fix.check_options(given)
    result = fix.fixed(request_of(given), selection, given)
    if not given.diff:
        _write(result.report, given.format, given.statistics)
    fix.tell(result, given)
    if given.diff:
        return 1 if result.changes and not given.exit_zero else 0
    return _code(result.report, given)


def _fixes() -> Amend:
    from nequip_lint.fixes.offer import with_fix

    return with_fix


def _code(report: Report, given: argparse.Namespace) -> int:
    bad = report.count(Severity.ERROR) + (report.count(Severity.WARNING) if given.strict else 0)
    return 1 if bad and not given.exit_zero else 0


def _codes(option: str, given: list[str]) -> tuple[str, ...]:
    return validated((code for text in given for code in text.split(",")), option)


def _write(report: Report, style: str, statistics: bool) -> None:
    if style not in TEXT:
        print(document(report, style))
        return
    from nequip_lint.reports import text
    from nequip_lint.reports.colour import paint_for

    for line in text.render(report, style, paint_for(sys.stdout)):
        print(line)
    if statistics and report.findings:
        print(text.statistics(report))
