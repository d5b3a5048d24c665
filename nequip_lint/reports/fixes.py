"""What fixes did, or would do: a unified diff and a summary."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from nequip_lint.engine.fixing import Change, Fixed
from nequip_lint.reports.paths import shown
from nequip_lint.values import Finding

_MOST_NAMED = 4


def diff(changes: Iterable[Change]) -> bytes:
    """All changes as one unified diff, in the bytes of the files; `patch -p1` and `git apply` take it."""
    return b"".join(line for change in changes for line in _diff(change))


def _diff(change: Change) -> Iterator[bytes]:
    name = shown(change.path).encode()
    before, after = _lines(change.before), _lines(change.after)
    found = difflib.diff_bytes(
        difflib.unified_diff, before, after, b"a/" + name, b"b/" + name, lineterm=b"\n"
    )
    for line in found:
        yield line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n"


def _lines(data: bytes) -> list[bytes]:
    *whole, rest = data.split(b"\n")
    return [*(line + b"\n" for line in whole), *([rest] if rest else [])]


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
    names = [shown(change.path) for change in changes]
    return ", ".join(names) if len(names) <= _MOST_NAMED else f"{len(names)} files"


def reasons(result: Fixed) -> Iterator[str]:
    """Why findings of rules that have fixes were not fixed, one line each."""
    for finding in result.report.findings:
        if finding.unfixable:
            yield f"{shown(finding.path)}:{finding.span.line}: {finding.code} not fixed: {finding.unfixable}"


def _counted(findings: Iterable[Finding]) -> str:
    codes = Counter(finding.code for finding in findings)
    return ", ".join(code if count == 1 else f"{count} {code}" for code, count in sorted(codes.items()))
