"""A treemap of sizes: rectangles whose areas are in proportion."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final, NamedTuple

WIDTH: Final = 1000.0
HEIGHT: Final = 360.0
_SMALL: Final = 0.004
"""The share of the whole below which parts are drawn together."""


class Box(NamedTuple):
    """One part: its name, size in bytes and kind, and where it is drawn, in the units of the picture."""

    name: str
    size: int
    kind: str
    x: float
    y: float
    width: float
    height: float


def boxes(sizes: Mapping[str, int]) -> list[Box]:
    """The parts of a package, the largest first.

    Args:
        sizes: of the members, in bytes.
    """
    import squarify

    parts = _parts(sizes)
    total = sum(parts.values())
    if not total:
        return []
    rectangles = squarify.squarify(
        squarify.normalize_sizes(parts.values(), WIDTH, HEIGHT), 0, 0, WIDTH, HEIGHT
    )
    return [
        Box(name, size, kind, one["x"], one["y"], one["dx"], one["dy"])
        for ((name, kind), size), one in zip(parts.items(), rectangles, strict=True)
    ]


def _parts(sizes: Mapping[str, int]) -> dict[tuple[str, str], int]:
    """The sizes of parts by name and kind; what is small is put together."""
    found: Counter[tuple[str, str]] = Counter()
    for name, size in sizes.items():
        found[_part(name)] += size
    least = _SMALL * sum(found.values())
    kept = {key: size for key, size in found.most_common() if size >= max(least, 1)}
    rest = sum(found.values()) - sum(kept.values())
    return kept | ({("everything else", "other"): rest} if rest else {})


def _part(name: str) -> tuple[str, str]:
    """What a member is drawn as: weights one by one, source by its top-level package."""
    top = name.partition("/")[0]
    if name.startswith(".data/") and name.endswith(".storage"):
        return name, "weights"
    if name.endswith(".py"):
        return f"{top.removesuffix('.py')} (source)", "source"
    return name, "pickle" if name.endswith(".pkl") else "other"
