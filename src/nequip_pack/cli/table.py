"""Tables for people."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Final

import click

from nequip_lint.api import escaped, painted

_KINDS: Final = {
    "ok": "good",
    "passed": "good",
    "failed": "error",
    "missing": "error",
    "warning": "warning",
    "other version": "warning",
    "not checked": "warning",
}
"""The colours of words that say how a row came out."""


def show_table(rows: Sequence[Sequence[str]]) -> None:
    """Print rows with their columns aligned; cells are escaped, and words of `_KINDS` have their colours."""
    for cells in _padded(rows):
        kinds = [_KINDS.get(cell.strip(), "") for cell in cells]
        shown = [
            painted(kind, cell, sys.stdout) if kind else cell for kind, cell in zip(kinds, cells, strict=True)
        ]
        click.echo("".join(shown).rstrip(), color=True)


def _padded(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """The cells, each as wide as its column and the space after it."""
    rows = [[escaped(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in rows) + 2 for column in range(len(rows[0]))]
    return [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in rows]
