"""A file of a project, there or not yet, and what is to change in it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nequip_lint.editing.base import Declined
from nequip_lint.editing.splices import Splices
from nequip_lint.editing.text import EMPTY, applied, edits_between, read_raw
from nequip_lint.engine.changes import Change
from nequip_lint.errors import LintError
from nequip_lint.facts.source import Problem
from nequip_lint.facts.trees import parse


class ChangedFile(Splices):
    """Replacements of pieces of a file.

    Args:
        path: of a Python file, or of one that is not there yet.
        end: of the lines of one that is not there yet.

    Raises:
        LintError: it cannot be read, or its text cannot be written back byte by byte.
    """

    def __init__(self, path: Path, end: str = "\n") -> None:
        self.path = path
        self._end = end
        self._exists = path.exists()
        with _told(path):
            self._raw = read_raw(path) if self._exists else EMPTY
        super().__init__(self._raw.text)

    @property
    def end(self) -> str:
        """How the first line ends."""
        return self._raw.end

    @property
    def tree(self) -> ast.Module:
        """The file's tree.

        Raises:
            LintError: it has none.
        """
        found = parse(self.text)
        if isinstance(found, Problem):
            raise LintError(f"{self.path}: {found.reason}; correct it, then run again")
        return found

    def change(self) -> Change | None:
        """The change that all replacements make; None for no change.

        Raises:
            LintError: the new text is not Python, or cannot be written in the file's encoding.
        """
        with _told(self.path):
            text = self.spliced()
            if text == self.text and self._exists:
                return None
            after = applied(self._raw, edits_between(self.path, self.text, text), self._end)
        return Change(self.path, self._raw.data if self._exists else None, after)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Let a command end where a file is not changed."""
    try:
        yield
    except Declined as reason:
        raise LintError(f"{path}: {reason}; change it by hand") from reason
