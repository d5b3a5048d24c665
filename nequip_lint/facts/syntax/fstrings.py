"""f-strings that only PEP 701 (Python 3.12) allows; read from tokens, which exist from that Python on."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator

from nequip_lint.values import Span

_SUSPECT = re.compile(
    r"""[fF][rR]?(?P<q>["'])[^\n]*?\{[^\n}]*(?:(?P=q)|\\|\#|$)"""
    r"""|[fF][rR]?(?:\"{3}|'{3})[^{}]*\{[^{}]*[\\\#]"""
    r"""|[fF][rR]?(?:\"{3}|'{3})(?:.|\n)*?\{[^{}]*(?:\"{3}|'{3}|[\\\#])""",
    re.MULTILINE,
)
_TRIPLE = re.compile(r"[fF][rR]?(?:\"{3}|'{3})")
_MOST, _LONGEST = 50, 2000
"""The search takes the square of a line's length, and the whole text for each f-string of several lines."""
_QUOTES = re.compile(r"\"{3}|'{3}|\"|'")


def refused_before(text: str) -> Iterator[tuple[str, Span]]:
    """What the replacement fields of f-strings hold that older Pythons refuse, with the f-string's place.

    Args:
        text: a source that this Python parses.
    """
    if not _is_suspect(text):
        return
    quotes: list[str] = []
    start, what = (1, 0), ""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        kind = tokenize.tok_name[token.type]
        outer = quotes[:-1] if kind in ("FSTRING_MIDDLE", "FSTRING_END") else quotes
        what = what or (_refused(token, kind, outer) if outer else "")
        if kind == "FSTRING_START":
            start = start if quotes else token.start
            quotes.append(_QUOTES.findall(token.string)[0])
        elif kind == "FSTRING_END":
            quotes.pop()
            if what and not quotes:
                yield f"{what} in a replacement field of an f-string", _span(text, start, token.end)
                what = ""


def _is_suspect(text: str) -> bool:
    """Whether an f-string may need a newer Python; of what is too long to be searched all may."""
    if len(_TRIPLE.findall(text)) > _MOST or any(len(line) > _LONGEST for line in text.split("\n")):
        return True
    return _SUSPECT.search(text) is not None


def _span(text: str, start: tuple[int, int], end: tuple[int, int]) -> Span:
    """A span with columns that count bytes, as those of `ast` do."""
    lines = text.split("\n")[: end[0]]
    first, last = (len(lines[line - 1][:column].encode()) for line, column in (start, end))
    return Span(start[0], first + 1, end[0], last + 1)


def _refused(token: tokenize.TokenInfo, kind: str, quotes: list[str]) -> str:
    """What a token has that one of the f-strings around it did not allow before."""
    if kind == "COMMENT":
        return "a comment"
    if any(quote in token.string for quote in quotes):
        return "the f-string's own quote"
    if "\\" in token.string:
        return "a backslash"
    single = any(len(quote) == 1 for quote in quotes)
    return "a line break" if single and (kind == "NL" or "\n" in token.string) else ""
