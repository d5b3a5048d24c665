"""`nequip-lint check --show-settings`."""

from __future__ import annotations

import argparse
from pathlib import Path

from nequip_lint.cli.options import leave_out, request_of
from nequip_lint.cli.streams import say
from nequip_lint.engine.selection import Selection
from nequip_lint.engine.settings import settings_of
from nequip_lint.project.assemble import assemble
from nequip_lint.reports.settings import lines

_OTHERS = {
    "fix": "--fix",
    "diff": "--diff",
    "unsafe_fixes": "--unsafe-fixes",
    "add_noqa": "--add-noqa",
    "reason": "--reason",
    "write_baseline": "--write-baseline",
    "format": "--format",
    "statistics": "--statistics",
}


def show_settings(given: argparse.Namespace, selection: Selection) -> int:
    """Print the settings of each project among the paths; the exit code.

    Raises:
        LintError: an option is for findings.
    """
    leave_out(given, _OTHERS, "is about findings, and --show-settings looks for none; leave it out")
    request = request_of(given)
    baseline = Path(given.baseline) if given.baseline else None
    for item in assemble(request):
        item.cache.save()
        say(lines(item.config, settings_of(item, request, selection, baseline)))
    return 0
