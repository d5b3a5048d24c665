"""Sizes and times for people."""

from __future__ import annotations

from typing import Final

_UNITS: Final = ("B", "kB", "MB", "GB", "TB")


def in_bytes(size: int) -> str:
    """A size of three digits with its unit."""
    value, units = float(size), iter(_UNITS)
    unit = next(units)
    for larger in units:
        if value < 999.5:
            break
        value, unit = value / 1000, larger
    return f"{value:.3g} {unit}"


def in_seconds(time: float) -> str:
    """A time in seconds, from a minute on in minutes, from an hour on in hours."""
    if time < 59.95:
        return f"{time:.1f} s"
    minutes, seconds = divmod(round(time), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {seconds} s"
