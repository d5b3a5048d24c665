"""Texts against each other, line by line, in a time that their length bounds."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Sequence
from typing import Final

from nequip_pack.compare.described import clipped

_SHOWN: Final = 6
_LINES: Final = 2_000
"""The most lines that are aligned, after what is equal at both ends; the time grows with their square."""


def changes(old: Sequence[str], new: Sequence[str], context: int = 0) -> list[str]:
    """The lines of a unified difference, without its heading; above the limit without context or places."""
    start, end = _common(old, new)
    first, second = max(start - context, 0), max(end - context, 0)
    old, new = old[first : len(old) - second], new[first : len(new) - second]
    if max(len(old), len(new)) > _LINES:
        return _unaligned(old, new)
    found = list(difflib.unified_diff(old, new, lineterm="", n=context))[2:]
    return found if not first else [_moved(line, first) for line in found]


def counted(found: Sequence[str]) -> str:
    """How many lines were added and removed."""
    added = sum(line.startswith("+") for line in found)
    removed = sum(line.startswith("-") for line in found)
    return f"{added} {'line' if added == 1 else 'lines'} added, {removed} removed"


def summary(old: str, new: str) -> str:
    """How two texts differ, in one line with the first changed lines."""
    found = changes(old.splitlines(), new.splitlines())
    changed = [clipped(line) for line in found if not line.startswith("@@")]
    more = [f"… {len(changed) - _SHOWN} more"] if len(changed) > _SHOWN else []
    return "; ".join([counted(found), *changed[:_SHOWN], *more]) if found else "line ends differ"


def _common(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """The number of lines that are equal at the start, and at the end."""
    most = min(len(old), len(new))
    start = next((place for place in range(most) if old[place] != new[place]), most)
    end = next((place for place in range(most - start) if old[-1 - place] != new[-1 - place]), most - start)
    return start, end


def _unaligned(old: Sequence[str], new: Sequence[str]) -> list[str]:
    """Lines by how often they occur, in order; a mere change of order is told as one of all lines."""
    gone, come = Counter(old) - Counter(new), Counter(new) - Counter(old)
    if not gone and not come:
        gone, come = Counter(old), Counter(new)
    return [*(f"-{line}" for line in gone.elements()), *(f"+{line}" for line in come.elements())]


def _moved(line: str, by: int) -> str:
    """A heading of a hunk with the numbers of lines in the whole texts."""
    if not line.startswith("@@ "):
        return line
    _, old, new, _ = line.split(" ", 3)
    return f"@@ {_shifted(old, by)} {_shifted(new, by)} @@"


def _shifted(part: str, by: int) -> str:
    place, comma, length = part[1:].partition(",")
    return f"{part[0]}{int(place) + by}{comma}{length}"
