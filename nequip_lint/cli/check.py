"""`nequip-lint check`."""

from __future__ import annotations

import argparse
import sys

from nequip_lint.cli.options import request_of
from nequip_lint.cli.package import check_packages, is_about_packages
from nequip_lint.engine.run import Report
from nequip_lint.engine.run import check as run_check
from nequip_lint.engine.selection import Selection, validated
from nequip_lint.reports.formats import TEXT, document
from nequip_lint.values import Severity


def check(given: argparse.Namespace) -> int:
    """Lint and report; the exit code."""
    selection = Selection(_codes("--select", given.select), _codes("--ignore", given.ignore))
    if is_about_packages(given):
        return _tell(check_packages(given, selection), given)
    return _tell(run_check(request_of(given), selection), given)


def _tell(report: Report, given: argparse.Namespace) -> int:
    _write(report, given.format, given.statistics)
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
