"""Lines about differences, with the way to each; no more than a person reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nequip_pack.compare.described import text_of

if TYPE_CHECKING:
    from nequip_pack.compare.described import Path

LINES: Final = 40


class Told:
    """What is told so far.

    Attributes:
        count: the number of differences, those beyond :data:`LINES` included.
    """

    def __init__(self) -> None:
        self.count = 0
        self._lines: list[str] = []

    def tell(self, path: Path, text: str) -> None:
        """Add a difference."""
        self.count += 1
        if self.count <= LINES:
            self._lines.append(f"{text_of(path)}: {text}")

    @property
    def lines(self) -> list[str]:
        """All of it."""
        more = self.count - len(self._lines)
        return [*self._lines, *([f"and {more} more differences"] if more else [])]
