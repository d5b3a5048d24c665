"""Replacements of pieces of a text, all given by their places in the text as it was."""

from __future__ import annotations

import ast
from bisect import bisect_right

from nequip_lint.editing.base import Declined
from nequip_lint.facts.source import Problem
from nequip_lint.facts.trees import parse

Node = ast.expr | ast.stmt | ast.keyword


class Splices:
    """A text and what is to stand in place of its pieces.

    Args:
        text: of a Python file, each line ending in `\\n`.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._pieces: list[tuple[int, int, int, str]] = []
        self._starts = [0]
        for line in text.split("\n"):
            self._starts.append(self._starts[-1] + len(line) + 1)

    def offset(self, line: int, column: int) -> int:
        """Where a place of `ast` lies in the text: lines from 1, columns in bytes of UTF-8."""
        start = self._starts[line - 1]
        return start + len(self.text[start : self._starts[line]].encode()[:column].decode())

    def span(self, node: Node) -> tuple[int, int]:
        """Where a node begins and ends."""
        start = self.offset(node.lineno, node.col_offset)
        return start, self.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)

    def code(self, node: Node) -> str:
        """A node as it is written."""
        start, end = self.span(node)
        return self.text[start:end]

    def line_start(self, line: int) -> int:
        """Where a line begins; the end of the text for lines after the last."""
        return min(self._starts[min(line, len(self._starts)) - 1], len(self.text))

    def line_at(self, offset: int) -> int:
        """The number of the line that a place lies on."""
        return bisect_right(self._starts, offset)

    def replace(self, start: int, end: int, new: str) -> None:
        """Put other text in place of a piece; what goes to one place stands in the order of the calls."""
        self._pieces.append((start, end, len(self._pieces), new))

    def insert(self, place: int, new: str) -> None:
        """Put text before what stands at a place."""
        self.replace(place, place, new)

    def replace_node(self, node: Node, new: str) -> None:
        """Put other text in place of a node."""
        self.replace(*self.span(node), new)

    def replace_lines(self, first: int, last: int, new: str) -> None:
        """Put other text in place of whole lines, from `first` up to before `last`; both count from 1."""
        self.replace(self._starts[first - 1], self.line_start(last), new)

    def spliced(self) -> str:
        """The text after all replacements.

        Raises:
            Declined: it is not valid Python.
        """
        text = self.text
        for start, end, _, new in sorted(self._pieces, reverse=True):
            text = text[:start] + new + text[end:]
        problem = parse(text)
        if isinstance(problem, Problem):
            raise Declined(f"the changed file would not be valid Python ({problem.reason})")
        return text
