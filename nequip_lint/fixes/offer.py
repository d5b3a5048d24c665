"""The fix for a finding, if its rule has one and everything that it touches may be touched."""

from __future__ import annotations

import os
from pathlib import Path

from nequip_lint.declared.files import INSTALLED
from nequip_lint.declared.metadata import FILES
from nequip_lint.edits.context import Context
from nequip_lint.edits.declined import Declined
from nequip_lint.fixes.base import fixer_of
from nequip_lint.values import Finding, Fix


def with_fix(context: Context, finding: Finding) -> Finding:
    """The finding of a rule that has fixes with its fix as help, or with the reason why there is none.

    Args:
        context: the project that it was found in.
        finding: without a fix.
    """
    try:
        fix = fixer_of(finding.code)(context, finding)
        _check_places(context, fix)
    except Declined as reason:
        return finding._replace(unfixable=str(reason))
    except RecursionError:  # libcst's visitors descend on Python's stack
        return finding._replace(unfixable="the code is nested too deeply to be changed")
    options = "--fix" if fix.is_safe else "--fix --unsafe-fixes"
    return finding._replace(fix=fix, help=f"apply the fix (nequip-lint {options}): {fix.summary}")


def _check_places(context: Context, fix: Fix) -> None:
    """Let a fix change linted files and the project's own metadata, and nothing that lies elsewhere.

    Raises:
        Declined: it would change another file.
    """
    root = context.project.metadata.root
    for path in sorted({edit.path for edit in fix.edits}):
        real = Path(os.path.realpath(path))
        if path not in context.linted and path not in {str(root / name) for name in FILES}:
            raise Declined(f"it would change {Path(path).name}, which is not among the linted files")
        if not real.is_relative_to(os.path.realpath(root)) or INSTALLED.intersection(real.parts):
            raise Declined(f"{Path(path).name} does not lie in the project")
