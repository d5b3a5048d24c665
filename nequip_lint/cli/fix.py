"""`nequip-lint check` with `--fix` or `--diff`."""

from __future__ import annotations

import argparse

from nequip_lint.cli.streams import complain, say, say_bytes
from nequip_lint.engine.changes import diff, write
from nequip_lint.engine.fixing import Fixed, fix
from nequip_lint.engine.selection import Selection
from nequip_lint.errors import LintError
from nequip_lint.project.assemble import Request
from nequip_lint.reports.fixes import reasons, summary
from nequip_lint.reports.formats import TEXT
from nequip_lint.reports.paths import shown


def check_options(given: argparse.Namespace) -> None:
    """Refuse options that do not go together.

    Raises:
        LintError: `--unsafe-fixes` alone, `--diff` for a program, or fixes beside what accepts findings.
    """
    if given.write_baseline or given.add_noqa or given.reason is not None:
        raise LintError(
            "--fix changes what is found, --add-noqa and --write-baseline accept it; run one, then the other"
        )
    if given.unsafe_fixes and not (given.fix or given.diff):
        raise LintError("--unsafe-fixes needs --fix, or --diff to see what would change")
    if given.diff and given.format not in TEXT:
        raise LintError(f"--diff writes a diff; leave --format {given.format} out")


def fixed(request: Request, selection: Selection, given: argparse.Namespace) -> Fixed:
    """Fix in memory; with `--diff` show the changes, else write them.

    Raises:
        LintError: a file could not be written.
    """
    result = fix(request, selection, unsafe=given.unsafe_fixes)
    if given.diff:
        say_bytes(diff(result.changes, (shown(str(change.path)) for change in result.changes)))
    else:
        write(result.changes)
    return result


def tell(result: Fixed, given: argparse.Namespace) -> None:
    """The summary, on standard error where standard output is for a diff or for JSON.

    The full text has the reasons why something was not fixed; beside all else they are told here.
    """
    told = () if given.format == "full" and not given.diff else reasons(result)
    lines = (*told, *summary(result, only_shown=given.diff, unsafe=given.unsafe_fixes))
    if given.diff or given.format not in TEXT:
        for line in lines:
            complain(line)
    else:
        say(lines)
