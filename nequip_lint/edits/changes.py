"""Changes of libcst nodes of one file, written out as edits of the lines that differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from itertools import takewhile
from pathlib import Path
from typing import Any

import libcst as cst

from nequip_lint.edits.declined import Declined
from nequip_lint.edits.source import Piece, Source, Statement
from nequip_lint.edits.text import edits_between
from nequip_lint.facts.of.pragmas import layout_of
from nequip_lint.values import Edit

Result = cst.CSTNode | cst.FlattenSentinel[Any]


class TreeEdits:
    """What becomes of some nodes of a file.

    Args:
        source: the file.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self._updates: dict[cst.CSTNode, list[Callable[[Any], Result]]] = {}
        self._removed: set[cst.CSTNode] = set()
        self._inserted: list[Edit] = []

    def update(self, node: cst.CSTNode, how: Callable[[Any], Result]) -> None:
        """Put in place of a node what a function makes of it, once everything inside it is changed."""
        self._updates.setdefault(node, []).append(how)

    def replace(self, node: cst.CSTNode, new: Result) -> None:
        """Put another node in place of one."""
        self.update(node, lambda _: new)

    def remove(self, statement: Statement) -> None:
        """Take a statement out; comments above it stay, a block gets `pass` where nothing else is left."""
        self._removed.add(statement)

    def insert(self, line: int, text: str) -> None:
        """Put whole lines before a line between two statements, or at the end of the file."""
        ends_line = self.source.is_open and line > len(self.source.lines)
        if ends_line and all(edit.line < line for edit in self._inserted):
            text = f"\n{text}"
        self._inserted.append(Edit(self.source.path, line, line, text))

    def append(self, text: str) -> None:
        """Put whole lines at the end of the file."""
        self.insert(len(self.source.lines) + self.source.is_open, text)

    @property
    def is_needed(self) -> bool:
        """Whether there is anything to change."""
        return bool(self._updates or self._removed or self._inserted)

    def edits(self) -> tuple[Edit, ...]:
        """All changes in the order of the file.

        Raises:
            Declined: nothing changes, or libcst does not give back a statement as it is written.
        """
        indices = {self.source.index_of(node) for node in (*self._updates, *self._removed)}
        pieces = {index: self.source.pieces[index] for index in indices}
        removed = (piece for index, piece in pieces.items() if self.source.statement(index) in self._removed)
        gone = {line for first, last in removed for line in range(first, last + 1)}
        found = [(edit.line - 0.5, edit) for edit in self._inserted]  # before what begins on that line
        found += [(piece.first, edit) for index, piece in pieces.items() for edit in self._of(index, gone)]
        if not found:
            raise Declined("the file is that way already")
        found.sort(key=lambda item: (item[1].line, item[1].end_line, item[0]))
        return tuple(edit for _, edit in found)

    def _of(self, index: int, gone: set[int]) -> list[Edit]:
        """The edits of one piece; of all that are taken out the lines are gone."""
        piece, new = self.source.pieces[index], ""
        if piece.first in gone:
            piece = Piece(piece.first, piece.last + _superfluous(self.source.lines, piece, gone))
        else:
            new = self._written(index)
        old = self.source.text_of(piece)
        if self.source.is_open and piece.last == len(self.source.lines):
            old, new = old[:-1], new.removesuffix("\n")
        changes = edits_between(Path(self.source.path), old, new)
        offset = piece.first - 1
        return [e._replace(line=e.line + offset, end_line=e.end_line + offset) for e in changes]

    def _written(self, index: int) -> str:
        """The text of a statement after all changes inside it."""
        module, statement = self.source.module(index), self.source.statement(index)
        first = self.source.pieces[index].first
        try:
            changed = statement.visit(_Transformer(self._updates, self._removed))
        except cst.CSTValidationError as error:
            raise Declined(f"the statement on line {first} leaves no room for the change") from error
        if module.code_for_node(statement) != self.source.text_of(self.source.pieces[index]):
            raise Declined(f"libcst does not give back the statement on line {first}")
        nodes = changed if isinstance(changed, cst.FlattenSentinel) else [changed]
        new = "".join(module.code_for_node(node) for node in nodes if isinstance(node, cst.CSTNode))
        self._check_comments(self.source.text_of(self.source.pieces[index]), new)
        return new

    def _check_comments(self, old: str, new: str) -> None:
        """Make sure that no comment is lost but those behind removed statements.

        Raises:
            Declined: one is.
        """
        behind = [getattr(statement, "trailing_whitespace", None) for statement in self._removed]
        removed = [item.comment.value for item in behind if item is not None and item.comment is not None]
        if lost := _comments(old) - _comments(new) - Counter(removed):
            raise Declined(f"the comment `{next(iter(lost))}` would be lost")


class _Transformer(cst.CSTTransformer):
    def __init__(
        self, updates: dict[cst.CSTNode, list[Callable[[Any], Result]]], removed: set[cst.CSTNode]
    ) -> None:
        super().__init__()
        self._updates = updates
        self._removed = removed
        self._gone: set[object] = set()

    def on_leave(self, original_node: Any, updated_node: Any) -> Any:
        for how in self._updates.get(original_node, ()):
            updated_node = how(updated_node)
        if original_node in self._removed:
            self._gone.add(updated_node)
        if isinstance(updated_node, cst.IndentedBlock) and not self._gone.isdisjoint(updated_node.body):
            return _without(updated_node, self._gone)
        return updated_node


def _without(block: cst.IndentedBlock, gone: set[object]) -> cst.IndentedBlock:
    """A block without some statements; the comments above them stay."""
    body: list[Any] = []
    left: list[cst.EmptyLine] = []
    for statement in block.body:
        own = list(getattr(statement, "leading_lines", ()))
        if statement in gone:
            left += own
            continue
        superfluous = min(_blank(map(_comment, reversed(left))), _blank(map(_comment, own)))
        body.append(statement.with_changes(leading_lines=[*left, *own[superfluous:]]))
        left = []
    if not body:
        body, left = [cst.SimpleStatementLine([cst.Pass()], leading_lines=left)], []
    return block.with_changes(body=body, footer=[*left, *block.footer])


def _comments(text: str) -> Counter[str]:
    return Counter(comment.text for comment in layout_of(text).comments)


def _comment(line: cst.EmptyLine) -> str:
    return "" if line.comment is None else line.comment.value


def _superfluous(lines: list[str], piece: Piece, gone: set[int]) -> int:
    """How many blank lines below a piece have no purpose once that and other lines are gone."""
    above = [lines[number - 1] for number in range(piece.first - 1, 0, -1) if number not in gone]
    before, below = _blank(above), _blank(lines[piece.last : -1])
    return below if before == len(above) else min(before, below)


def _blank(lines: Iterable[str]) -> int:
    """How many lines at the start are blank; one with a form feed is not."""
    return sum(1 for _ in takewhile(lambda line: not line.strip(" \t"), lines))
