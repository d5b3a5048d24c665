"""What a package that is written anew keeps of the one that it comes from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Kept:
    """Everything of an origin that the models in memory do not lead to; empty for a checkpoint.

    Attributes:
        actions: what the origin did with each module: ``intern``, ``extern`` or ``mock``.
        sources: the text of its ``intern`` modules, by name.
        packages: those of them that are packages.
        pickles: its further objects, by the stem of their member below ``model/``.
        files: content by member of whatever else it holds.
        metadata: what it said of itself.
        externals: the versions that its registered external libraries had.
    """

    actions: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    packages: frozenset[str] = frozenset()
    pickles: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    externals: Mapping[str, str | None] = field(default_factory=dict)

    def named(self, action: str) -> list[str]:
        """The modules of one action, sorted."""
        return sorted(name for name, found in self.actions.items() if found == action)

    def external_tops(self) -> frozenset[str]:
        """Top-level packages that have an external module, whatever else of them is archived."""
        return frozenset(name.partition(".")[0] for name in self.named("extern"))
