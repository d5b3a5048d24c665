"""Libraries for the examples: stand-ins written on the pages, and what a bare machine lacks."""

from __future__ import annotations

import importlib.metadata
from functools import cache
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from packaging.utils import NormalizedName

OPTIONAL = frozenset({"triton"})
"""Real libraries that an example has only when its page asks for them."""
LOADERS = ("torch", "numpy", "packaging", "opt_einsum_fx")
"""Distributions that a machine needs to load a NequIP package (and what these require)."""


def write_standins(sources: Mapping[str, str], folder: Path) -> dict[str, Path]:
    """Write each stand-in as a package in a folder of its own; return these folders by name."""
    places: dict[str, Path] = {}
    for name, source in sources.items():
        places[name] = folder / f"lib-{name}"
        package = places[name] / name
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(source, encoding="utf-8")
    return places


@cache
def not_needed_to_load() -> frozenset[str]:
    """Top-level names installed here that a machine can do without to load a package: nequip, e3nn, …"""
    needed = _requirement_closure(LOADERS)
    return frozenset(
        name
        for name, owners in importlib.metadata.packages_distributions().items()
        if not any(canonicalize_name(owner) in needed for owner in owners)
    )


def _requirement_closure(names: tuple[str, ...]) -> set[NormalizedName]:
    seen: set[NormalizedName] = set()
    waiting = [canonicalize_name(name) for name in names]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        waiting += _required_by(name)
    return seen


def _required_by(name: NormalizedName) -> list[NormalizedName]:
    try:
        lines = importlib.metadata.requires(name) or []
    except importlib.metadata.PackageNotFoundError:
        return []
    wanted = [Requirement(line) for line in lines]
    return [
        canonicalize_name(item.name)
        for item in wanted
        if item.marker is None or item.marker.evaluate({"extra": ""})
    ]
