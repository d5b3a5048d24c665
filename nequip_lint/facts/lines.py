"""Which lines of a text hold a word: lets a walk over the tree pass by what cannot matter."""

from __future__ import annotations

import ast
import re
from bisect import bisect_left
from collections.abc import Iterable


class Lines:
    """The numbers of the lines that hold one of some words.

    Args:
        text: the source.
        words: identifiers or keywords.
    """

    def __init__(self, text: str, words: Iterable[str]) -> None:
        pattern = re.compile(r"\b(?:%s)\b" % "|".join(map(re.escape, words)))
        starts = [match.start() for match in pattern.finditer(text)]
        self.numbers: list[int] = []
        line, position = 1, 0
        for start in starts:
            line += text.count("\n", position, start)
            position = start
            self.numbers.append(line)

    def within(self, node: ast.stmt) -> bool:
        """Whether a statement, decorators included, spans one of the lines."""
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
        index = bisect_left(self.numbers, first)
        return index < len(self.numbers) and self.numbers[index] <= (node.end_lineno or node.lineno)
