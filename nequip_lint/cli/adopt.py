"""`nequip-lint check` for code that has findings already: comments for all of them, or a baseline."""

from __future__ import annotations

import argparse
from pathlib import Path

from nequip_lint.cli.streams import say
from nequip_lint.engine.baseline import against, compared, rewritten
from nequip_lint.engine.changes import write
from nequip_lint.engine.noqa import suppressed
from nequip_lint.engine.run import Report
from nequip_lint.errors import LintError
from nequip_lint.reports.adopt import baseline_lines, suppressed_lines


def add_noqa(report: Report, given: argparse.Namespace) -> int:
    """Write a suppression comment for each finding; the exit code.

    Raises:
        LintError: `--reason` alone, a reason of several lines, or a file that cannot be changed.
    """
    if not given.add_noqa:
        raise LintError("--reason needs --add-noqa, whose comments it is written into")
    result = suppressed(report.findings, given.reason or "")
    write(result.changes)
    say(suppressed_lines(result))
    return 1 if result.left and not given.exit_zero else 0


def against_baseline(report: Report, given: argparse.Namespace) -> Report:
    """The report without what the baseline lets pass.

    Raises:
        LintError: the baseline is not there, or is none.
    """
    return against(report, _baseline(given))


def write_baseline(report: Report, given: argparse.Namespace) -> int:
    """Make the baseline, or shrink the one that is there; 1 where there are more findings than it allows.

    Raises:
        LintError: no file is named, or it cannot be read or written.
    """
    if given.add_noqa:
        raise LintError("--write-baseline and --add-noqa do the same in two ways; choose one")
    items = compared(report, _baseline(given), may_lack=True)
    if not items:
        raise LintError(
            "--write-baseline: name the file with --baseline FILE or in [tool.nequip-lint]: baseline"
        )
    changes = [change for change in map(rewritten, items) if change is not None]
    write(changes)
    after = against(report, _baseline(given))
    say(baseline_lines(items, changes, after))
    return 1 if after.findings and not given.exit_zero else 0


def _baseline(given: argparse.Namespace) -> Path | None:
    return None if given.baseline is None else Path(given.baseline)
