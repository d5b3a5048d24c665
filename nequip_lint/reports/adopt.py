"""What was suppressed, as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from nequip_lint.engine.noqa import Suppressed
from nequip_lint.reports.paths import shown
from nequip_lint.reports.text import concise


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
