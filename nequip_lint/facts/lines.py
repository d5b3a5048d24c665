"""Which lines of a text hold a word: lets a walk over the tree pass by what cannot matter."""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections.abc import Iterable, Iterator


class Lines:
    """The numbers of the lines that hold one of some words.

    Args:
        text: the source.
        words: identifiers or keywords.
        whole: pass by what is a part of a longer word.
    """

    def __init__(self, text: str, words: Iterable[str], *, whole: bool = False) -> None:
        self.numbers: list[int] = []
        line, position = 1, 0
        for start in sorted(start for word in words for start in _places(text, word, whole)):
            line += text.count("\n", position, start)
            position = start
            self.numbers.append(line)

    def within(self, node: ast.stmt | ast.expr) -> bool:
        """Whether a statement or expression, decorators included, spans one of the lines."""
        numbers = self.numbers
        if not numbers:
            return False
        index = bisect_left(numbers, first_line(node))
        return index < len(numbers) and numbers[index] <= (node.end_lineno or node.lineno)


def first_line(node: ast.stmt | ast.expr) -> int:
    """The line on which a statement begins, with its decorators."""
    decorators: list[ast.expr] | None = getattr(node, "decorator_list", None)
    return decorators[0].lineno if decorators else node.lineno


def _places(text: str, word: str, whole: bool) -> Iterator[int]:
    place = text.find(word)
    while place >= 0:
        end = place + len(word)
        if not (whole and (text[place - 1 : place].isidentifier() or _goes_on(text, end))):
            yield place
        place = text.find(word, end)


def _goes_on(text: str, end: int) -> bool:
    """Whether an identifier does not end at a place."""
    return f"_{text[end : end + 1]}".isidentifier() and end < len(text)
