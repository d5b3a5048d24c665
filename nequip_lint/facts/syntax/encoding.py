"""Characters that a package loses because it keeps a file's text as UTF-8 but also its encoding comment."""

from __future__ import annotations

import codecs
import io
import re
import tokenize
from collections.abc import Iterator

from nequip_lint.facts.details.syntax import Foreign
from nequip_lint.values import Span

_COOKIE = re.compile(r"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)", re.MULTILINE)
_SAME = ("utf-8", "ascii")


def foreign(text: str) -> Iterator[Foreign]:
    """The first string or name with other than ASCII characters, in a file that declares another encoding.

    Args:
        text: the decoded source.
    """
    head = "\n".join(text.split("\n", 2)[:2])
    match = _COOKIE.search(head) if "coding" in head else None
    if match is None or text.isascii() or codecs.lookup(match[1]).name in _SAME:
        return
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type != tokenize.COMMENT and not token.string.isascii():
            (line, start), (end_line, end) = token.start, token.end
            span = Span(line, start + 1, end_line, end + 1)
            yield Foreign(span, match[1])
            return
