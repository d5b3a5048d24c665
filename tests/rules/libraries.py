"""Libraries for the examples: stand-ins written on the pages, real wheels, and what a bare machine lacks."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
import zipfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from packaging.utils import NormalizedName

CACHE = Path(__file__).parents[2] / ".cache"
OPTIONAL = frozenset({"triton"})
"""Real libraries that an example has only when its page asks for them."""
LOADERS = ("torch", "numpy", "packaging", "opt_einsum_fx")
"""Distributions that a machine needs to load a NequIP package (and what these require)."""


class Unreachable(Exception):
    """Indicates that a real wheel could not be fetched here."""


def write_standins(sources: Mapping[str, str], folder: Path) -> dict[str, Path]:
    """Write each stand-in as a package in a folder of its own; return these folders by name."""
    places: dict[str, Path] = {}
    for name, source in sources.items():
        places[name] = folder / f"lib-{name}"
        package = places[name] / name
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(source, encoding="utf-8")
    return places


def fetch_wheel(requirement: str) -> Path:
    """Return a folder with the unpacked wheel of ``requirement`` (``name==version``), cached.

    Raises:
        Unreachable: the index did not give a wheel for this interpreter.
    """
    tag = f"{requirement.replace('==', '-')}-{sys.implementation.cache_tag}"
    unpacked = CACHE / "libs" / tag
    if unpacked.is_dir():
        return unpacked
    wheels = CACHE / "wheels" / tag
    command = [sys.executable, "-m", "pip", "download", requirement, "--no-deps", "--only-binary", ":all:"]
    done = subprocess.run([*command, "-d", str(wheels)], capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise Unreachable(f"{requirement} could not be fetched for this Python: {last}")
    (wheel,) = wheels.glob("*.whl")
    _unpack(wheel, unpacked)
    wheel.unlink()
    return unpacked


def _unpack(wheel: Path, folder: Path) -> None:
    partial = folder.with_name(folder.name + ".partial")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(partial)
    partial.rename(folder)


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
