"""A Python file whose statements at the top level are libcst trees, each parsed when it is asked for."""

from __future__ import annotations

import ast
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

import libcst as cst
from libcst.metadata import ByteSpanPositionProvider, CodeSpan, MetadataWrapper

from nequip_lint.edits.declined import Declined
from nequip_lint.edits.parents import parents_below
from nequip_lint.edits.text import Raw
from nequip_lint.source.lines import first_line
from nequip_lint.source.text import Problem
from nequip_lint.source.tree import is_too_deep, parse
from nequip_lint.values import Span

Statement = cst.SimpleStatementLine | cst.BaseCompoundStatement
_ROOM = 500_000
"""Characters of a file that libcst reads: five hundred times the memory, and a second for 80,000."""
_WORD = re.compile(r"\w+")


class Piece(NamedTuple):
    """The lines of one statement at the top level, decorators included, or of several that share a line."""

    first: int
    last: int


class Source:
    """One file to change.

    What stands between the statements is never parsed, and so keeps its bytes.

    Args:
        path: of the file.
        raw: its lines.

    Raises:
        Declined: it is not valid Python.
    """

    def __init__(self, path: str, raw: Raw) -> None:
        self.path = path
        self.raw = raw
        self.text = raw.text
        self.lines = self.text.split("\n")
        self.parents: dict[cst.CSTNode, cst.CSTNode] = {}
        self._modules: dict[int, cst.Module] = {}
        self._indices: dict[cst.Module, int] = {}
        self._having: dict[str, list[cst.CSTNode]] = {}
        self._room = _ROOM
        self._spans: dict[int, dict[cst.CSTNode, CodeSpan]] = {}
        tree = parse(self.text)
        if isinstance(tree, Problem):
            raise Declined(f"{path.rpartition('/')[2]} {tree.reason}")
        self.tree: ast.Module = tree
        self.pieces = _pieces(tree.body)
        self._lengths = [len(self.text_of(piece)) for piece in self.pieces]

    def text_of(self, piece: Piece) -> str:
        """The lines of a statement, each with its end."""
        return "".join(f"{line}\n" for line in self.lines[piece.first - 1 : piece.last])

    @property
    def is_open(self) -> bool:
        """Whether the last line has no end."""
        return bool(self.lines[-1])

    def module(self, index: int) -> cst.Module:
        """A piece as a libcst module of one statement.

        Raises:
            Declined: libcst cannot read it.
        """
        if index not in self._modules:
            self._room -= self._lengths[index]
            if self._room < 0:
                raise Declined("too much of the file would have to be read for a fix")
            module = self._modules[index] = self._parsed(self.pieces[index])
            self._indices[module] = index
            below = parents_below(module)
            self.parents |= below
            for node in below:
                for word in _words_of(node):
                    self._having.setdefault(word, []).append(node)
        return self._modules[index]

    def statement(self, index: int) -> Statement:
        """The statement of a piece."""
        return self.module(index).body[0]

    def simple(self, words: Iterable[str]) -> Iterator[cst.BaseSmallStatement]:
        """The statements at the top level, compound ones aside, that have one of some words in their text."""
        for index in self.naming(words):
            line = self.statement(index)
            yield from line.body if isinstance(line, cst.SimpleStatementLine) else ()

    def _parsed(self, piece: Piece) -> cst.Module:
        text = self.text_of(piece)
        if is_too_deep(text):
            raise Declined(f"the statement on line {piece.first} is nested too deeply to be changed")
        try:
            return cst.parse_module(text)
        except (cst.ParserSyntaxError, RecursionError) as error:
            raise Declined(f"libcst cannot read the statement on line {piece.first}") from error

    def around(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """The nodes around one, from the inside; the last is the module of its piece."""
        while (parent := self.parents.get(node)) is not None:
            yield parent
            node = parent

    def index_of(self, node: cst.CSTNode) -> int:
        """The piece that a node is part of."""
        while not isinstance(node, cst.Module):
            node = self.parents[node]
        return self._indices[node]

    def naming(self, words: Iterable[str]) -> list[int]:
        """The pieces whose text has one of some words: only these can bind or read such a name."""
        return sorted({index for word in words for index in self._named.get(word, ())})

    @cached_property
    def _named(self) -> dict[str, list[int]]:
        """The pieces by the words in their text, which are written as Python compares identifiers."""
        found: dict[str, list[int]] = {}
        for index, piece in enumerate(self.pieces):
            text = unicodedata.normalize("NFKC", self.text_of(piece))
            for word in set(_WORD.findall(text)):
                found.setdefault(word, []).append(index)
        return found

    @cached_property
    def identifiers(self) -> dict[str, bool]:
        """Every name in the file, attributes and keywords aside, and whether something binds it."""
        found: dict[str, bool] = {}
        for name, is_bound in _identifiers(self.tree):
            found[name] = found.get(name, False) or is_bound
        return found

    def having(self, words: Iterable[str]) -> Iterator[cst.CSTNode]:
        """The identifiers that some words are, and the strings that have one."""
        for word in words:
            for index in self._named.get(word, ()):
                self.module(index)
            yield from self._having.get(word, ())

    def index_at(self, line: int) -> int:
        """The piece that has a line, else the first one below."""
        return bisect_left(self.pieces, line, key=lambda piece: piece.last)

    def spans(self, index: int) -> dict[cst.CSTNode, CodeSpan]:
        """Where the nodes of a piece lie in its text, in bytes of UTF-8, which `ast` counts too."""
        if index not in self._spans:
            wrapper = MetadataWrapper(self.module(index), unsafe_skip_copy=True)
            self._spans[index] = dict(wrapper.resolve(ByteSpanPositionProvider))
        return self._spans[index]

    def nodes_at(self, span: Span) -> list[cst.CSTNode]:
        """The nodes that begin where a finding does, the outermost first."""
        index = self.index_at(span.line)
        if index == len(self.pieces):
            return []
        before = self.lines[self.pieces[index].first - 1 : span.line - 1]
        start = sum(len(line.encode()) + 1 for line in before) + span.column - 1
        found = [(place.length, node) for node, place in self.spans(index).items() if place.start == start]
        return [node for _, node in sorted(found, key=lambda item: -item[0])]

    def line_of(self, node: cst.CSTNode) -> int:
        """The line on which a node begins."""
        index = self.index_of(node)
        piece = self.pieces[index]
        start = self.spans(index)[node].start
        return piece.first + self.text_of(piece).encode()[:start].count(b"\n")

    def code(self, node: cst.CSTNode) -> str:
        """A node as it is written."""
        return self.module(self.index_of(node)).code_for_node(node)


def _pieces(body: list[ast.stmt]) -> list[Piece]:
    found: list[Piece] = []
    for node in body:
        first = first_line(node)
        if found and first <= found[-1].last:
            first = found.pop().first
        found.append(Piece(first, node.end_lineno or node.lineno))
    return found


def _words_of(node: cst.CSTNode) -> Iterable[str]:
    if isinstance(node, cst.Name):
        return (node.value,)
    return set(_WORD.findall(node.value)) if isinstance(node, cst.SimpleString) else ()


def _identifiers(tree: ast.Module) -> Iterator[tuple[str, bool]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id, not isinstance(node.ctx, ast.Load)
        elif isinstance(node, ast.arg):
            yield node.arg, True
        elif isinstance(node, ast.alias):
            yield node.asname or node.name.partition(".")[0], True
        elif isinstance(node, ast.Global | ast.Nonlocal):
            yield from ((name, False) for name in node.names)
        elif isinstance(name := getattr(node, "name", None), str):
            yield name, True
