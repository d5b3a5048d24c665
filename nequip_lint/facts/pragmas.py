"""Find suppression comments: `# noqa: NQ203` and `# nequip-lint: ignore[NQ203] why`."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator

from nequip_lint.facts.values import Pragma
from nequip_lint.values import Span

_NOQA = re.compile(r"#\s*noqa\s*:\s*(?P<codes>[A-Z]+[0-9]+(?:[\s,]+[A-Z]+[0-9]+)*)", re.IGNORECASE)
_OWN = re.compile(r"#\s*nequip-lint\s*:\s*ignore(?:\[(?P<codes>[^\]]*)\])?", re.IGNORECASE)
_CODE = re.compile(r"NQ[0-9]+", re.IGNORECASE)


def pragmas_of(text: str) -> tuple[Pragma, ...]:
    """The suppression comments of a source text; those of other tools are left alone."""
    if "NQ" not in text and "nequip-lint" not in text and "nq" not in text:
        return ()
    return tuple(_found(text))


def _found(text: str) -> Iterator[Pragma]:
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                yield from _read(token)
    except (tokenize.TokenError, IndentationError, SyntaxError):
        return


def _read(token: tokenize.TokenInfo) -> Iterator[Pragma]:
    for pattern in (_NOQA, _OWN):
        match = pattern.search(token.string)
        if match is None:
            continue
        codes = tuple(code.upper() for code in _CODE.findall(match["codes"] or ""))
        if not codes and pattern is _NOQA:
            continue
        line, start = token.start
        yield Pragma(Span(line, start + match.start() + 1, line, start + match.end() + 1), codes)
