"""One linted file for a fix: its text, its tree, and how changes of it become edits."""

from __future__ import annotations

import ast
from bisect import bisect_right
from pathlib import Path
from typing import NamedTuple

from nequip_lint.facts.source import Problem
from nequip_lint.facts.trees import parse
from nequip_lint.facts.values import Facts
from nequip_lint.fixes.base import Declined
from nequip_lint.fixes.text import edits_between, read_raw
from nequip_lint.project.model import Project
from nequip_lint.values import Edit


class Source(NamedTuple):
    """A file to change; `text` has `\\n` at the end of each line."""

    facts: Facts
    text: str
    tree: ast.Module

    @property
    def lines(self) -> list[str]:
        """The lines without their ends."""
        return self.text.split("\n")


def source_of(project: Project, path: str) -> Source:
    """One of the project's linted files.

    Raises:
        Declined: it is none of them, or cannot be read.
    """
    facts = next((item for item in project.files if item.path == path), None)
    if facts is None:
        raise Declined(f"{Path(path).name} is not among the linted files")
    text = read_raw(Path(path)).text
    tree = parse(text)
    if isinstance(tree, Problem):
        raise Declined(f"{Path(path).name} {tree.reason}")
    return Source(facts, text, tree)


class Splices:
    """Replacements of pieces of a text, all given by their places in the text as it was."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._pieces: list[tuple[int, int, str]] = []
        self._starts = [0]
        for line in source.lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def offset(self, line: int, column: int) -> int:
        """Where a place of `ast` lies in the text: lines from 1, columns in bytes of UTF-8."""
        start = self._starts[line - 1]
        whole = self._source.text[start : self._starts[line]]
        return start + len(whole.encode()[:column].decode())

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """Where a node begins and ends."""
        start = self.offset(node.lineno, node.col_offset)
        return start, self.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)

    def code(self, node: ast.expr | ast.stmt) -> str:
        """A node as it is written."""
        start, end = self.span(node)
        return self._source.text[start:end]

    def replace(self, start: int, end: int, new: str) -> None:
        """Put other text in place of a piece; an empty piece is an insertion."""
        self._pieces.append((start, end, new))

    def replace_node(self, node: ast.expr | ast.stmt, new: str) -> None:
        """Put other text in place of a node."""
        self.replace(*self.span(node), new)

    def replace_lines(self, first: int, last: int, new: str) -> None:
        """Put other text in place of whole lines, from `first` up to before `last`; both count from 1."""
        end = min(self._starts[last - 1], len(self._source.text))
        self.replace(self._starts[first - 1], end, new)

    def line_at(self, offset: int) -> int:
        """The number of the line that a place lies on."""
        return bisect_right(self._starts, offset)

    def text(self) -> str:
        """The text after all replacements."""
        text = self._source.text
        for start, end, new in sorted(self._pieces, key=lambda piece: piece[:2], reverse=True):
            text = text[:start] + new + text[end:]
        return text

    def edits(self) -> tuple[Edit, ...]:
        """All replacements as edits.

        Raises:
            Declined: the result is not valid Python, or nothing changes.
        """
        text = self.text()
        if isinstance(parse(text), Problem) or text == self._source.text:
            raise Declined("the changed file would not be valid Python")
        return edits_between(Path(self._source.facts.path), self._source.text, text)
