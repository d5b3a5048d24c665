"""Which definitions lead to classes of models, told as references between them become known."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nequip_lint.project.roots import Definition


class Leads:
    """The definitions that are marked, and all that lead to one of them.

    Args:
        marks: what a definition may be marked as.
    """

    def __init__(self, marks: Collection[str]) -> None:
        self._leading: dict[str, set[Definition]] = {mark: set() for mark in marks}
        self._before: dict[Definition, list[Definition]] = {}

    def link(self, definition: Definition, found: Definition) -> None:
        """Note that one definition refers to another one."""
        self._before.setdefault(found, []).append(definition)
        for mark, leading in self._leading.items():
            if found in leading:
                self.mark(definition, mark)

    def mark(self, definition: Definition, mark: str) -> None:
        """Mark a definition, and with it all that lead to it."""
        leading, waiting = self._leading[mark], [definition]
        while waiting:
            one = waiting.pop()
            if one not in leading:
                leading.add(one)
                waiting += self._before.get(one, ())

    def to(self, mark: str, definition: Definition) -> bool:
        """Whether a definition is marked so, or leads to one that is."""
        return definition in self._leading[mark]
