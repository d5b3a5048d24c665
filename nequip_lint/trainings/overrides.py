"""What defaults lists choose for groups, and what overrides make of it (hydra 1.3, `defaults_list.py`)."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from nequip_lint.errors import LintError
from nequip_lint.trainings.defaults import Default
from nequip_lint.trainings.placed import Placed


class _Override(NamedTuple):
    """What stands in place of a group's choice, and the file that says so."""

    entry: Default
    path: Path


class Overrides:
    """Those that have been read. The first for a group counts: that of the outermost file, or of the last."""

    def __init__(self) -> None:
        self._given: dict[str, _Override] = {}
        self._used: set[str] = set()
        self._chosen: dict[str, Default] = {}

    def add(self, placed: Placed, path: Path) -> None:
        """Keep an override of a defaults list.

        Args:
            placed: the override.
            path: of the file that has it.
        """
        self._given.setdefault(placed.key, _Override(placed.entry, path))

    def applied(self, placed: Placed) -> Placed:
        """An entry with the option that counts."""
        key = placed.key
        if not placed.entry.group or key not in self._given:
            return placed
        self._used.add(key)
        return placed._replace(entry=placed.entry._replace(option=self._given[key].entry.option))

    def choose(self, placed: Placed, path: Path) -> None:
        """Keep what is chosen for a group.

        Raises:
            LintError: something else was chosen for it.
        """
        if placed.entry.group:
            known = self._chosen.setdefault(placed.key, placed.entry)
            if known.option != placed.entry.option:
                both = f"{known.option} and {placed.entry.option}"
                remedy = f"to replace one, write override {placed.entry.group}"
                raise LintError(f"{path}: the defaults lists choose both {both} for {placed.key}; {remedy}")

    def check_used(self) -> None:
        """Check that every override has replaced something.

        Raises:
            LintError: naming the first that has not.
        """
        for key, override in self._given.items():
            if key not in self._used:
                what = f"its defaults list overrides {key} with {override.entry.option}"
                raise LintError(f"{override.path}: {what}, but {self._why_not(key)}")

    def _why_not(self, key: str) -> str:
        if key in self._chosen:
            return f"is read before the entry for {key}: name it after that"
        group = key.partition("@")[0]
        others = sorted(other for other in self._chosen if other.partition("@")[0] == group)
        hint = f"; did you mean {' or '.join(others)}?" if others else ""
        return f"no defaults list chooses anything for that{hint}"
