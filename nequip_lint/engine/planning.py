"""Fixes planned for the findings of a report, as many as can be shown in good time."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from nequip_lint.declared.files import INSTALLED
from nequip_lint.engine.run import Checked, Report
from nequip_lint.pages import page
from nequip_lint.project.assemble import Assembled
from nequip_lint.values import Finding

if TYPE_CHECKING:
    from nequip_lint.edits.context import Context

MOST = 200
"""Fixes that are planned for what one run shows, or for one file in one pass of `--fix`."""
ROOM = 30_000
"""Lines of source that are gone through for the fixes which one run shows: for each of them a whole file."""
_MORE = f"fixes are planned for {MOST} findings of a run, and fewer in long files; run --fix"


def with_plans(checked: Checked) -> Report:
    """A report that is shown: its findings have their fixes, or their help alone where there is none."""
    found = planned(checked, checked.report.findings, lambda _: "", _MORE, ROOM)
    return checked.report._replace(findings=tuple(_without_reason(finding) for finding in found))


def _without_reason(finding: Finding) -> Finding:
    return finding if finding.unfixable in ("", _MORE) else finding._replace(unfixable="")


def planned(
    checked: Checked,
    findings: Iterable[Finding],
    group: Callable[[Finding], str],
    beyond: str,
    room: float = math.inf,
) -> Iterator[Finding]:
    """Some findings of a report, each with its fix as soon as it is asked for.

    Args:
        checked: a report with its projects.
        findings: of it.
        group: what a finding counts for: :data:`MOST` fixes are planned for each.
        beyond: why a finding beyond these has no fix.
        room: so many lines may be gone through for all of them.
    """
    contexts: dict[int, Context] = {}
    counts: Counter[str] = Counter()
    for finding in findings:
        is_fixable = page(finding.code).fix != "none" and not finding.installed
        home = home_of(checked, finding) if is_fixable else None
        if home is None:
            yield finding
            continue
        path = Path(finding.path)
        if INSTALLED.intersection(path.resolve().parts):
            yield finding._replace(unfixable=f"{path.name} does not lie in the project")
            continue
        counts[group(finding)] += 1
        if counts[group(finding)] > MOST or room < 0:
            yield finding._replace(unfixable=beyond)
            continue
        from nequip_lint.edits.context import Context
        from nequip_lint.fixes.offer import with_fix

        if id(home) not in contexts:
            contexts[id(home)] = Context(home)
        yield with_fix(contexts[id(home)], finding)
        room -= _lines(contexts[id(home)], finding.path)


def _lines(context: Context, path: str) -> int:
    from nequip_lint.edits.declined import Declined

    try:
        return context.source(path).text.count("\n")
    except Declined:
        return 0


def home_of(checked: Checked, finding: Finding) -> Assembled | None:
    """The project that a finding was found in: it lints the file, or the file lies in its folder."""
    every = list(zip(checked.report.projects, checked.assembled, strict=True))
    listed = (item for judged, item in every if finding.path in judged.files)
    path = Path(finding.path)
    around = (item for _, item in every if path.is_relative_to(item.project.metadata.root))
    return next(chain(listed, around), None)
