"""What was suppressed, and what a baseline allows, as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from nequip_lint.engine.baseline import Compared
from nequip_lint.engine.changes import Change
from nequip_lint.engine.noqa import Suppressed
from nequip_lint.engine.run import Report
from nequip_lint.reports.frame import concise
from nequip_lint.reports.paths import shown


def suppressed_lines(result: Suppressed) -> Iterator[str]:
    """The files that changed, and the findings that no comment suppresses."""
    counts = Counter(item.path for item in result.done)
    for change in result.changes:
        number = counts[str(change.path)]
        yield f"{shown(str(change.path))}: {number} finding{'' if number == 1 else 's'} suppressed"
    for item in result.left:
        yield f"no comment can suppress: {concise(item)}"
    if not result.done and not result.left:
        yield "nothing to suppress: there are no findings"


def baseline_lines(items: Iterable[Compared], changes: Iterable[Change], after: Report) -> Iterator[str]:
    """What each baseline allows now, and the findings that it does not take in."""
    changed = {change.path: change for change in changes}
    for item in items:
        change = changed.get(item.path)
        counts = item.shrunk(is_new=change is not None and change.before is None)
        state = "unchanged" if change is None else "created" if change.before is None else "shrunk"
        number, files = sum(counts.values()), len({name for name, _ in counts})
        yield (
            f"{shown(str(item.path))}: {state}; {number} finding{'' if number == 1 else 's'} "
            f"in {files} file{'' if files == 1 else 's'}"
        )
    yield from (f"not taken in: {concise(finding)}" for finding in after.findings)
