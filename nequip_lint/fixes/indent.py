"""Move whole statements to the right; what lies inside strings stays where it is."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterator

from nequip_lint.fixes.source import Source

_STARTS = frozenset({"FSTRING_START", "TSTRING_START"})
_ENDS = frozenset({"FSTRING_END", "TSTRING_END"})


def indented(source: Source, first: int, last: int) -> str:
    """The lines from `first` up to before `last`, four columns (or one tab) further to the right."""
    inside = frozenset(_inside_strings(source.text))
    lines = enumerate(source.lines[first - 1 : last - 1], first)
    step = "\t" if any(line.startswith("\t") for line in source.lines) else "    "
    return "".join(
        f"{step if line.strip() and number not in inside else ''}{line}\n" for number, line in lines
    )


def _inside_strings(text: str) -> Iterator[int]:
    """The lines that begin inside a string."""
    opened: list[int] = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        kind = tokenize.tok_name[token.type]
        if kind == "STRING":
            yield from range(token.start[0] + 1, token.end[0] + 1)
        elif kind in _STARTS:
            opened.append(token.start[0])
        elif kind in _ENDS:
            yield from range(opened.pop() + 1, token.end[0] + 1)
