"""Find suppression comments: `# noqa: NQ203` and `# nequip-lint: ignore[NQ203] why`."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from typing import NamedTuple

from nequip_lint.facts.values import Pragma
from nequip_lint.values import Span

NOQA = re.compile(r"#\s*noqa\s*:\s*(?P<codes>[A-Z]+[0-9]+(?:[\s,]+[A-Z]+[0-9]+)*)", re.IGNORECASE)
OWN = re.compile(r"#\s*nequip-lint\s*:\s*ignore(?:\[(?P<codes>[^\]]*)\])?", re.IGNORECASE)
_ANY = re.compile(r"#\s*(?:noqa\s*:[^\n]*NQ[0-9]|nequip-lint\s*:\s*ignore)", re.IGNORECASE)
"""What a text has that holds a comment of ours; whether it stands in a string, only the tokens tell."""
_CODE = re.compile(r"NQ[0-9]+", re.IGNORECASE)
_ENDS = (tokenize.NEWLINE, tokenize.NL, tokenize.ENCODING, tokenize.INDENT, tokenize.DEDENT)


class Comment(NamedTuple):
    """One comment, its line and column (from 0) and the first line that it covers."""

    text: str
    line: int
    column: int
    first: int


class Layout(NamedTuple):
    """The comments of a text, and its lines that go on at the next one before a comment has room."""

    comments: tuple[Comment, ...]
    joined: frozenset[int]


def pragmas_of(text: str) -> tuple[Pragma, ...]:
    """The suppression comments of a source text; those of other tools are left alone."""
    if _ANY.search(text) is None:
        return ()
    return tuple(pragma for comment in layout_of(text).comments for pragma in _read(comment))


def layout_of(text: str) -> Layout:
    """Where a text has comments, as far as it can be read.

    Args:
        text: of the file, lines ending in `\\n`.
    """
    joined: set[int] = set()
    found: list[tuple[str, int, int]] = []
    try:
        for token in _tokens(text, joined):
            if token.type == tokenize.COMMENT:
                found.append((token.string, *token.start))
    except (tokenize.TokenError, IndentationError, SyntaxError):
        pass
    comments = (Comment(text, line, column, _first(line, joined)) for text, line, column in found)
    return Layout(tuple(comments), frozenset(joined))


def _tokens(text: str, joined: set[int]) -> Iterator[tokenize.TokenInfo]:
    """The tokens of a text; fills the set of joined lines."""
    last, depth = (0, False), 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        kind = tokenize.tok_name[token.type]
        is_text = kind == "STRING" or kind.endswith("STRING_MIDDLE")
        if is_text or (depth and token.type != tokenize.COMMENT):
            joined.update(range(token.start[0], token.end[0]))
        depth += kind.endswith("STRING_START") - kind.endswith("STRING_END")
        row, is_open = last
        if is_open and token.start[0] > row:
            joined.update(range(row, token.start[0]))
        last = token.end[0], token.type not in _ENDS
        yield token


def _first(line: int, joined: set[int]) -> int:
    while line - 1 in joined:
        line -= 1
    return line


def _read(comment: Comment) -> Iterator[Pragma]:
    for pattern in (NOQA, OWN):
        match = pattern.search(comment.text)
        if match is None:
            continue
        codes = tuple(code.upper() for code in _CODE.findall(match["codes"] or ""))
        if not codes and pattern is NOQA:
            continue
        line, start = comment.line, comment.column
        span = Span(line, start + match.start() + 1, line, start + match.end() + 1)
        yield Pragma(span, codes, comment.first)
