"""The page of two packages against each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nequip_pack.compare.members import differing
from nequip_pack.compare.models import common_modes
from nequip_pack.compare.packages import compare_packages
from nequip_pack.compare.sources import ROWS, Source, sources
from nequip_pack.compare.weights import Weight, weights
from nequip_pack.report.templates import rendered

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nequip_pack.format import Archive, Metadata

_ELSEWHERE: Final = ("code", "configuration", "weights")
"""Kinds of differences that have a part of the page of their own, with more in it."""


@dataclass(frozen=True, slots=True)
class Sized:
    """A member that differs, and its size in each package; ``None`` where it is not."""

    name: str
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class Differences:
    """All that the page shows.

    Attributes:
        paths: of the two packages.
        sizes: of their files.
        said: lines by kind, as ``diff`` prints them.
        sources: source files and the configuration.
        weights: those that differ; ``same`` is the number of the others.
        members: all that differ or that one of them lacks, without storages of weights.
    """

    paths: tuple[Path, Path]
    sizes: tuple[int, int]
    said: Mapping[str, list[str]]
    sources: list[Source]
    weights: list[Weight]
    same: int
    members: list[Sized]

    @property
    def is_any(self) -> bool:
        """Whether the packages differ."""
        return any(self.said.values())

    @property
    def others(self) -> dict[str, list[str]]:
        """The lines of kinds that have no part of their own."""
        return {kind: lines for kind, lines in self.said.items() if lines and kind not in _ELSEWHERE}


def differences(first: tuple[Archive, Metadata], second: tuple[Archive, Metadata]) -> Differences:
    """Compare two packages for the page.

    Raises:
        DamagedError: if a pickle or a tensor in either is damaged.
    """
    (a, of_a), (b, of_b) = first, second
    differ = differing(a, b)
    said = compare_packages(first, second)
    found, same = weights(a, b, common_modes(of_a, of_b))
    sizes = (a.path.stat().st_size, b.path.stat().st_size)
    return Differences(
        (a.path, b.path), sizes, said, sources(a, b, differ), found, same, _members(a, b, differ)
    )


def page(content: Differences) -> str:
    """The page as text.

    Raises:
        EnvironmentLacksError: if what makes pages is not installed.
    """
    return rendered("differences.html.jinja", content=content, limit=ROWS)


def _members(a: Archive, b: Archive, differ: list[str]) -> list[Sized]:
    alone = {*a.members} ^ {*b.members}
    names = sorted(name for name in {*differ, *alone} if not name.endswith(".storage"))
    return [Sized(name, *(_size(archive, name) for archive in (a, b))) for name in names]


def _size(archive: Archive, name: str) -> int | None:
    member = archive.members.get(name)
    return None if member is None else member.size
