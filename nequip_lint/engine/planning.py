"""Fixes planned for the findings of a report, as many as can be shown in good time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from nequip_lint.engine.run import Report
from nequip_lint.pages import page
from nequip_lint.values import Finding

if TYPE_CHECKING:
    from nequip_lint.edits.context import Context

MOST = 200
"""Fixes that are planned for what one run shows, or for one file in one pass of `--fix`."""
_MORE = f"fixes are planned for {MOST} findings of a run; run --fix"


def with_plans(report: Report) -> Report:
    """A report that is shown: its findings have their fixes, or their help alone where there is none."""
    found = planned(report, report.findings, lambda _: "", _MORE)
    return report._replace(findings=tuple(_without_reason(finding) for finding in found))


def _without_reason(finding: Finding) -> Finding:
    return finding if finding.unfixable in ("", _MORE) else finding._replace(unfixable="")


def planned(
    report: Report, findings: Iterable[Finding], group: Callable[[Finding], str], beyond: str
) -> Iterator[Finding]:
    """Some findings of a report, each with its fix as soon as it is asked for.

    Args:
        report: of a check.
        findings: of it.
        group: what a finding counts for: :data:`MOST` fixes are planned for each.
        beyond: why a finding beyond these has no fix.
    """
    contexts: dict[int, Context] = {}
    counts: Counter[str] = Counter()
    for finding in findings:
        home = report.home(finding) if page(finding.code).fix != "none" else None
        if home is None:
            yield finding
            continue
        counts[group(finding)] += 1
        if counts[group(finding)] > MOST:
            yield finding._replace(unfixable=beyond)
            continue
        from nequip_lint.edits.context import Context
        from nequip_lint.fixes.offer import with_fix

        if id(home) not in contexts:
            contexts[id(home)] = Context(home)
        yield with_fix(contexts[id(home)], finding)
