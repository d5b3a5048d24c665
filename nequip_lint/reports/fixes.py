"""What fixes did, or would do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from nequip_lint.engine.changes import Change
from nequip_lint.engine.fixing import Fixed
from nequip_lint.reports.paths import shown
from nequip_lint.values import Finding

_MOST_NAMED = 4


def summary(result: Fixed, *, only_shown: bool, unsafe: bool) -> Iterator[str]:
    """What was fixed, or would be, what needs `--unsafe-fixes`, and with nothing written what would remain.

    Args:
        result: of fixing.
        only_shown: nothing was written.
        unsafe: unsafe fixes were asked for.
    """
    verb = "would fix" if only_shown else "fixed"
    done = f"{_counted(result.fixed)} in {_named(result.changes)}" if result.fixed else "nothing"
    yield f"{verb} {done}"
    if only_shown and result.report.findings:
        yield f"would leave {_counted(result.report.findings)}"
    waiting = [item for item in result.report.findings if item.fix is not None and not unsafe]
    if waiting:
        yield f"--unsafe-fixes would fix {_counted(waiting)}"


def _named(changes: Sequence[Change]) -> str:
    """Some files by name, or how many they are."""
    names = [shown(str(change.path)) for change in changes]
    return ", ".join(names) if len(names) <= _MOST_NAMED else f"{len(names)} files"


def reasons(result: Fixed) -> Iterator[str]:
    """Why findings of rules that have fixes were not fixed, one line each."""
    for finding in result.report.findings:
        if finding.unfixable:
            yield f"{shown(finding.path)}:{finding.span.line}: {finding.code} not fixed: {finding.unfixable}"


def _counted(findings: Iterable[Finding]) -> str:
    codes = Counter(finding.code for finding in findings)
    return ", ".join(code if count == 1 else f"{count} {code}" for code, count in sorted(codes.items()))
