"""One linted file for a fix: its text, its tree, and how changes of it become edits."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import NamedTuple

from nequip_lint.editing.base import Declined
from nequip_lint.editing.splices import Splices as TextSplices
from nequip_lint.editing.text import edits_between, read_raw
from nequip_lint.facts.source import Problem
from nequip_lint.facts.trees import parse
from nequip_lint.facts.values import Facts
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


class Splices(TextSplices):
    """Replacements of pieces of a linted file."""

    def __init__(self, source: Source) -> None:
        super().__init__(source.text)
        self._path = Path(source.facts.path)

    def edits(self) -> tuple[Edit, ...]:
        """All replacements as edits.

        Raises:
            Declined: the result is not valid Python, or nothing changes.
        """
        text = self.spliced()
        if text == self.text:
            raise Declined("the file is that way already")
        return edits_between(self._path, self.text, text)
