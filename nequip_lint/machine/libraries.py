"""What is known of third-party libraries: `rules/libraries.toml`."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from nequip_lint.tables import data_folder, table


class Library(NamedTuple):
    """One library: its import name, its distribution, and what to do about it in packaged code.

    `action` is the one to propose (`extern`, `mock` or `avoid`), `direct` why to take extern instead where
    model code itself needs the library; an `optional` library never counts as required, whoever declares it.
    `raises` is what importing it raises, besides ImportError, on machines that it does not support; '' where
    nothing is known. `makes` are functions that give objects of its classes, by names without its own.
    """

    name: str
    distribution: str
    action: str
    optional: bool
    why: str
    direct: str = ""
    raises: str = ""
    makes: tuple[str, ...] = ()


@cache
def known() -> dict[str, Library]:
    """All known libraries by import name."""
    return {
        name: Library(
            name,
            entry.get("distribution", name),
            entry["action"],
            entry.get("optional", False),
            entry["why"],
            entry.get("direct", ""),
            entry.get("raises", ""),
            tuple(entry.get("makes", ())),
        )
        for name, entry in table("libraries").items()
    }


def normalized(distribution: str) -> str:
    """A distribution's name as package indexes compare it."""
    return distribution.lower().replace("_", "-").replace(".", "-")


@cache
def _by_distribution() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for library in known().values():
        key = normalized(library.distribution)
        found[key] = (*found.get(key, ()), library.name)
    return found


def import_names(distribution: str) -> tuple[str, ...]:
    """The import names of a distribution: those known, else its own name with underscores."""
    key = normalized(distribution)
    return _by_distribution().get(key) or (key.replace("-", "_"), distribution)


def distribution_of(name: str) -> str | None:
    """The distribution that provides an import, if it is known: never the import's name by guess.

    `allegro` on the package index is somebody else's; the extension is `nequip-allegro`.
    """
    library = known().get(name)
    if library is not None:
        return library.distribution
    releases = (data_folder() / "ecosystem" / name).glob(f"*{name}-*.json") if name.isidentifier() else ()
    return next((release.stem.rpartition("-")[0] for release in releases), None)


def is_optional(name: str) -> bool:
    """Whether a library may be missing on a machine that meets all requirements."""
    library = known().get(name)
    return library is not None and library.optional
