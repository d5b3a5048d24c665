"""Versions of releases, as far as their numbers order them."""

from __future__ import annotations

Version = tuple[int, ...]


def parse_version(text: str) -> Version:
    """The release numbers of a version, enough to order releases of one package."""
    numbers = text.split("+")[0].split(".")
    return tuple(int("".join(c for c in number if c.isdigit()) or 0) for number in numbers)
