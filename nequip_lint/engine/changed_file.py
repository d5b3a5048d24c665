"""A Python file of a project, there or not yet, and what is to change in it."""

from __future__ import annotations

from pathlib import Path

import libcst as cst

from nequip_lint.edits.changes import TreeEdits
from nequip_lint.edits.source import Source
from nequip_lint.edits.text import EMPTY, applied, read_raw
from nequip_lint.engine.changes import Change, told
from nequip_lint.fixes.registrations import registered_at
from nequip_lint.values import Span


class ChangedFile:
    """A file and the changes of its tree.

    Args:
        path: of a Python file, or of one that is not there yet.
        end: of the lines of one that is not there yet.

    Raises:
        LintError: it cannot be read, its text cannot be written back byte by byte, or it has no tree.
    """

    def __init__(self, path: Path, end: str = "\n") -> None:
        self._path = path
        self._end = end
        self._exists = path.exists()
        with told(path):
            self.source = Source(str(path), read_raw(path) if self._exists else EMPTY)
        self.edits = TreeEdits(self.source)

    @property
    def end(self) -> str:
        """How the first line ends."""
        return self.source.raw.end

    def call(self, span: Span) -> cst.Call:
        """The registration at a place."""
        with told(self._path):
            return registered_at(self.source, span)

    def change(self) -> Change:
        """The change that all edits make.

        Raises:
            LintError: the new text cannot be written in the file's encoding.
        """
        with told(self._path):
            after = applied(self.source.raw, self.edits.edits(), self._end)
        return Change(self._path, self.source.raw.data if self._exists else None, after)
