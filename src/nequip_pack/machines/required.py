"""Which installed distributions torch, nequip and nequip-pack cannot do without, by their metadata."""

from __future__ import annotations

import importlib.metadata
from typing import TYPE_CHECKING, Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from nequip_lint import api as lint

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CORE: Final = ("torch", "nequip", "nequip-pack")


def required(starts: tuple[str, ...] = CORE) -> Mapping[str, tuple[str, ...]]:
    """Each distribution that is required here, through all levels, with those that lead to it, itself last.

    Optional is what `rules/libraries.toml` says so of, like triton, which torch requires on some platforms.

    Args:
        starts: distributions; those that are not installed require nothing.
    """
    ways: dict[str, tuple[str, ...]] = {}
    seen: set[tuple[str, str]] = set()
    pending: list[tuple[tuple[str, ...], str]] = [((name,), "") for name in starts]
    for way, extra in pending:
        ways.setdefault(way[-1], way)
        if (way[-1], extra) not in seen:
            seen.add((way[-1], extra))
            pending += (((*way, name), wanted) for name, wanted in _direct(way[-1], extra))
    return ways


def _direct(distribution: str, extra: str) -> Iterator[tuple[str, str]]:
    """The distributions that one requires on this machine, each with an extra of it, '' for none."""
    try:
        lines = importlib.metadata.requires(distribution) or []
    except importlib.metadata.PackageNotFoundError:
        return
    for line in lines:
        try:
            item = Requirement(line)
        except InvalidRequirement:
            continue
        if (item.marker is None or item.marker.evaluate({"extra": extra})) and not _is_optional(item.name):
            for wanted in ("", *item.extras):
                yield canonicalize_name(item.name), wanted


def _is_optional(distribution: str) -> bool:
    library = lint.known_library(distribution)
    return library is not None and library.optional
