"""`nequip-lint check`."""

from __future__ import annotations

import argparse

from nequip_lint.cli.options import request_of
from nequip_lint.engine.run import Report
from nequip_lint.engine.run import check as run_check
from nequip_lint.engine.selection import Selection, validated
from nequip_lint.values import Severity


def check(given: argparse.Namespace) -> int:
    """Lint and report; the exit code."""
    if given.stdin_filename is not None or "-" in given.paths:
        from nequip_lint.cli.stdin import with_stdin

        return with_stdin(given, _check)
    return _check(given)


def _check(given: argparse.Namespace) -> int:
    selection = Selection(_codes("--select", given.select), _codes("--ignore", given.ignore))
    report = run_check(request_of(given), selection)
    if given.write_baseline:
        from nequip_lint.cli.adopt import write_baseline

        return write_baseline(report, given)
    if given.baseline or any(item.config.baseline for item in report.projects):
        from nequip_lint.cli.adopt import against_baseline

        report = against_baseline(report, given)
    if given.add_noqa or given.reason is not None:
        from nequip_lint.cli.adopt import add_noqa

        return add_noqa(report, given)
    _write(report, given.format, given.statistics)
    bad = report.count(Severity.ERROR) + (report.count(Severity.WARNING) if given.strict else 0)
    return 1 if bad and not given.exit_zero else 0


def _codes(option: str, given: list[str]) -> tuple[str, ...]:
    return validated((code for text in given for code in text.split(",")), option)


def _write(report: Report, style: str, statistics: bool) -> None:
    if style == "json":
        from nequip_lint.reports.machine import findings_json

        print(findings_json(report))
        return
    from nequip_lint.reports import text

    for line in text.render(report, style):
        print(line)
    if statistics and report.findings:
        print(text.statistics(report))
