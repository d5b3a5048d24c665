"""`nequip-lint check` for code that has findings already: comments for all of them."""

from __future__ import annotations

import argparse

from nequip_lint.engine.changes import write
from nequip_lint.engine.noqa import suppressed
from nequip_lint.engine.run import Report
from nequip_lint.errors import LintError
from nequip_lint.reports.adopt import suppressed_lines


def add_noqa(report: Report, given: argparse.Namespace) -> int:
    """Write a suppression comment for each finding; the exit code.

    Raises:
        LintError: `--reason` alone, a reason of several lines, or a file that cannot be changed.
    """
    if not given.add_noqa:
        raise LintError("--reason needs --add-noqa, whose comments it is written into")
    result = suppressed(report.findings, given.reason or "")
    write(result.changes)
    print("\n".join(suppressed_lines(result)))
    return 1 if result.left and not given.exit_zero else 0
