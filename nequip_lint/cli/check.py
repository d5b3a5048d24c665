"""`nequip-lint check`."""

from __future__ import annotations

import argparse
import sys

from nequip_lint.cache import answers
from nequip_lint.cli.options import request_of
from nequip_lint.cli.package import check_packages, is_about_packages
from nequip_lint.engine.planning import with_plans
from nequip_lint.engine.run import Report, checked
from nequip_lint.engine.selection import Selection, validated
from nequip_lint.reports.formats import TEXT, document
from nequip_lint.values import Severity


def check(given: argparse.Namespace) -> int:
    """Lint and report; the exit code."""
    if given.stdin_filename is not None or "-" in given.paths:
        from nequip_lint.cli.stdin import with_stdin

        return with_stdin(given, _check)
    return _check(given)


def _check(given: argparse.Namespace) -> int:
    selection = Selection(_codes("--select", given.select), _codes("--ignore", given.ignore))
    if is_about_packages(given):
        return _tell(check_packages(given, selection), given)
    if given.show_settings:
        from nequip_lint.cli.settings import show_settings

        return show_settings(given, selection)
    if given.fix or given.diff or given.unsafe_fixes:
        return _fix(given, selection)
    found = checked(request_of(given), selection)
    report = found.report
    if given.write_baseline:
        from nequip_lint.cli.adopt import write_baseline

        return write_baseline(report, given)
    report = _beyond_baseline(report, given)
    if given.add_noqa or given.reason is not None:
        from nequip_lint.cli.adopt import add_noqa

        return add_noqa(report, given)
    report = with_plans(found._replace(report=report))
    if not report.findings and _rests_on_files_alone(report, given):
        answers.keep(sys.argv[1:], _code(report, given), _text(report, given))
    return _tell(report, given)


def _tell(report: Report, given: argparse.Namespace) -> int:
    sys.stdout.write(_text(report, given))
    return _code(report, given)


def _fix(given: argparse.Namespace, selection: Selection) -> int:
    """The same with `--fix` or `--diff`."""
    from nequip_lint.cli import fix

    fix.check_options(given)
    result = fix.fixed(request_of(given), selection, given)
    report = _beyond_baseline(result.report, given)
    if not given.diff:
        sys.stdout.write(_text(report, given))
    fix.tell(result, given)
    if given.diff:
        return 1 if result.changes and not given.exit_zero else 0
    return _code(report, given)


def _beyond_baseline(report: Report, given: argparse.Namespace) -> Report:
    """The report without what a baseline lets pass, where there is one."""
    if not given.baseline and not any(item.config.baseline for item in report.projects):
        return report
    from nequip_lint.cli.adopt import against_baseline

    return against_baseline(report, given)


def _rests_on_files_alone(report: Report, given: argparse.Namespace) -> bool:
    """Whether the answer may be told again: neither standard input nor a baseline is behind it."""
    has_baseline = given.baseline or any(item.config.baseline for item in report.projects)
    return given.cache and given.stdin_filename is None and not has_baseline


def _code(report: Report, given: argparse.Namespace) -> int:
    bad = report.count(Severity.ERROR) + (report.count(Severity.WARNING) if given.strict else 0)
    return 1 if bad and not given.exit_zero else 0


def _codes(option: str, given: list[str]) -> tuple[str, ...]:
    return validated((code for text in given for code in text.split(",")), option)


def _text(report: Report, given: argparse.Namespace) -> str:
    if given.format not in TEXT:
        return f"{document(report, given.format)}\n"
    from nequip_lint.reports import text
    from nequip_lint.reports.colour import paint_for

    lines = list(text.render(report, given.format, paint_for(sys.stdout)))
    if given.statistics and report.findings:
        lines.append(text.statistics(report))
    return "".join(f"{line}\n" for line in lines)
