"""The fix for a finding, if its rule has one and everything that it touches may be touched."""

from __future__ import annotations

import os
from pathlib import Path

from nequip_lint.editing.base import Declined
from nequip_lint.fixes.base import fixers
from nequip_lint.project.assemble import Assembled
from nequip_lint.project.metadata import FILES
from nequip_lint.values import Finding, Fix

_INSTALLED = frozenset({"site-packages", "dist-packages"})


def with_fix(assembled: Assembled, finding: Finding) -> Finding:
    """The finding with its fix, or with the reason why there is none; unchanged where its rule has no fixes.

    Args:
        assembled: the project that it was found in.
        finding: without a fix.
    """
    make = fixers().get(finding.code)
    if make is None:
        return finding
    try:
        fix = make(assembled, finding)
        _check_places(assembled, fix)
    except Declined as reason:
        return finding._replace(unfixable=str(reason))
    return finding._replace(fix=fix)


def _check_places(assembled: Assembled, fix: Fix) -> None:
    """Let a fix change linted files and the project's own metadata, and nothing that lies elsewhere.

    Raises:
        Declined: it would change another file.
    """
    project = assembled.project
    root = project.metadata.root
    allowed = {facts.path for facts in project.files} | {str(root / name) for name in FILES}
    for path in sorted({edit.path for edit in fix.edits}):
        real = Path(os.path.realpath(path))
        if path not in allowed:
            raise Declined(f"it would change {Path(path).name}, which is not among the linted files")
        if not real.is_relative_to(os.path.realpath(root)) or _INSTALLED.intersection(real.parts):
            raise Declined(f"{Path(path).name} does not lie in the project")
