"""Stored predictions as rows with a small histogram."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nequip_pack.format.references import Reference

BINS: Final = 24


class Row(NamedTuple):
    """One output: its numbers in the units of the training data, and how they are spread over equal bins."""

    name: str
    dtype: str
    shape: str
    stored: str
    least: float
    most: float
    bars: tuple[float, ...]


def rows(references: Mapping[str, Reference]) -> list[Row]:
    """A row for each output whose stored numbers are finite, results only."""
    found = []
    for name, one in references.items():
        values = [value for value in one.values if math.isfinite(value)]
        if values and not one.intermediate:
            found.append(_row(name, one, values))
    return found


def _row(name: str, one: Reference, values: Sequence[float]) -> Row:
    least, most = min(values), max(values)
    stored = "all" if one.whole else f"{len(one.values)} of {math.prod(one.shape)}"
    shape = " x ".join(map(str, one.shape)) or "a number"
    return Row(name, one.dtype, shape, stored, least, most, _bars(values, least, most))


def _bars(values: Sequence[float], least: float, most: float) -> tuple[float, ...]:
    """The share of each bin relative to the fullest; none for a single value."""
    if most == least:
        return ()
    counts = [0] * BINS
    for value in values:
        counts[min(int((value - least) / (most - least) * BINS), BINS - 1)] += 1
    return tuple(count / max(counts) for count in counts)
