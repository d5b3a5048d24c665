"""The differences of texts in two packages as rows with line numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from nequip_lint.api import escaped
from nequip_pack.compare.lines import changes, counted
from nequip_pack.compare.members import lines_of, only_in
from nequip_pack.format.records import CONFIG

if TYPE_CHECKING:
    from nequip_pack.format import Archive

ROWS: Final = 20_000
"""The most rows of all files together."""
_LONGEST: Final = 500
_CONTEXT: Final = 3
_HUNK: Final = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")
_KINDS: Final = {"+": "added", "-": "removed"}


class Row(NamedTuple):
    """A line: its kind (`added`, `removed`, `same`, or `gap` for lines left out), and its two numbers."""

    kind: str
    old: int | None
    new: int | None
    text: str


class Source(NamedTuple):
    """A text that differs: its name, what is said of it, and its rows; without those beyond the limit."""

    name: str
    said: str
    rows: list[Row]


def sources(a: Archive, b: Archive, differ: Sequence[str]) -> list[Source]:
    """The source files and the configuration that differ, or that only one package has.

    Args:
        a: the first package.
        b: the second.
        differ: the members that both have, with other bytes.
    """
    names = {name for name in {*a.members, *b.members} if name.endswith(".py") or name == CONFIG}
    alone = {name for name in names if name not in a.members or name not in b.members}
    found, left = [], ROWS
    for name in sorted(alone | names.intersection(differ)):
        old, new = (lines_of(one, name) if name in one.members else [] for one in (a, b))
        lines = changes(old, new, context=_CONTEXT)
        said = f"{only_in(a, name)}, " if name in alone else ""
        rows = list(_rows(lines))
        found.append(Source(name, said + (counted(lines) if lines else "line ends differ"), rows[:left]))
        left -= len(found[-1].rows)
    return found


def _rows(lines: Sequence[str]) -> Iterator[Row]:
    """The rows of a unified difference; numbers are not known before its first heading."""
    old: int | None = None
    new: int | None = None
    for line in lines:
        if heading := _HUNK.match(line):
            old, new = int(heading[1]), int(heading[2])
            yield Row("gap", None, None, "")
            continue
        kind = _KINDS.get(line[:1], "same")
        yield Row(
            kind, None if kind == "added" else old, None if kind == "removed" else new, _shown(line[1:])
        )
        old = old if old is None or kind == "added" else old + 1
        new = new if new is None or kind == "removed" else new + 1


def _shown(line: str) -> str:
    """A line as people see it: marks that turn the direction of writing are shown, not obeyed."""
    text = "\t".join(map(escaped, line[:_LONGEST].split("\t")))
    return text + ("…" if len(line) > _LONGEST else "")
