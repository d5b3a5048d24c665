"""Insert text into a source file whose line ends, encoding and other bytes stay what they are."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from pathlib import Path

from nequip_lint.engine.changes import Change
from nequip_lint.errors import LintError
from nequip_lint.facts.source import Problem
from nequip_lint.facts.trees import parse

_END = re.compile(r"\r\n|\r|\n")


class Splices:
    """A file and the insertions to make, at places in its text as it was read.

    Args:
        path: of a Python file, or of one that is not there yet.

    Raises:
        LintError: it cannot be read, or its text cannot be written back byte by byte.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._data, self._encoding, self.text = _read(path)
        self._pieces: list[tuple[tuple[int, int, int], str]] = []
        ends = list(_END.finditer(self.text))
        self._starts = [0, *(match.end() for match in ends)]
        self.end = ends[0][0] if ends else "\n"
        """How the first line ends."""

    @property
    def tree(self) -> ast.Module:
        """The file's tree.

        Raises:
            LintError: it has none.
        """
        found = parse(self.lines_text)
        if isinstance(found, Problem):
            raise LintError(f"{self.path}: {found.reason}; correct it, then run again")
        return found

    @property
    def lines_text(self) -> str:
        """The text as Python sees it, each line ending in `\\n`."""
        return _END.sub("\n", self.text)

    def offset(self, line: int, column: int) -> int:
        """Where a place of `ast` lies: lines from 1, columns in bytes of UTF-8."""
        start = self._starts[line - 1]
        limit = self._starts[line] if line < len(self._starts) else len(self.text)
        return start + len(self.text[start:limit].encode()[:column].decode())

    def span(self, node: ast.expr | ast.stmt | ast.keyword) -> tuple[int, int]:
        """Where a node begins and ends."""
        start = self.offset(node.lineno, node.col_offset)
        return start, self.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)

    def line_start(self, line: int) -> int:
        """Where a line begins; the end of the text for the line after the last."""
        return self._starts[line - 1] if line <= len(self._starts) else len(self.text)

    def insert(self, place: int, new: str, until: int | None = None) -> None:
        """Insert text, or put it in place of what stands there; `\\n` in it ends lines as the file does."""
        key = place, place if until is None else until, len(self._pieces)
        self._pieces.append((key, new.replace("\n", self.end)))

    def change(self) -> Change | None:
        """The change that all insertions make; None for no change.

        Raises:
            LintError: the new text is not Python, or cannot be written in the file's encoding.
        """
        text = self.text
        for (start, end, _), new in sorted(self._pieces, reverse=True):
            text = text[:start] + new + text[end:]
        if text == self.text and self._data is not None:
            return None
        problem = parse(_END.sub("\n", text))
        if isinstance(problem, Problem):
            raise LintError(f"{self.path}: could not be changed ({problem.reason}); change it by hand")
        try:
            return Change(self.path, self._data, text.encode(self._encoding))
        except UnicodeEncodeError as error:
            raise LintError(f"{self.path}: the change cannot be written in {self._encoding}") from error


def _read(path: Path) -> tuple[bytes | None, str, str]:
    """The bytes of a file, its encoding and its text; None and no text for a file that is not there."""
    if not path.exists():
        return None, "utf-8", ""
    try:
        data = path.read_bytes()
        encoding = tokenize.detect_encoding(io.BytesIO(data).readline)[0]
        text = data.decode(encoding)
    except (OSError, SyntaxError, UnicodeDecodeError, LookupError) as error:
        raise LintError(f"{path}: cannot be read ({error})") from error
    if text.encode(encoding) != data:
        raise LintError(f"{path}: its encoding does not give back its bytes; change it by hand")
    return data, encoding, text
