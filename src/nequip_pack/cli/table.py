"""Tables for people."""

from __future__ import annotations

from collections.abc import Sequence

from nequip_lint.api import escaped


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows with their columns aligned; the last one as long as it is. Cells are escaped."""
    rows = [[escaped(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
