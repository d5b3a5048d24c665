"""Summaries: the facts of released packages, checked in, so that a lint environment needs none of them.

`ecosystem/<package>/<distribution>-<version>.json` is one release, `ecosystem/<package>/index.json` compares
all releases of a package, so that those which answer alike need not be loaded.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from nequip_lint.facts.values import Facts
from nequip_lint.project.references import References
from nequip_lint.summaries.codec import decode_facts, decode_references
from nequip_lint.tables import data_folder

INDEX = "index.json"


class Summary(NamedTuple):
    """One release of one package.

    `requirements` are its own, markers and extras aside; `required` are the import names of all that these
    bring; `extensions` the values of its `nequip.extension` entry points; `modules` the encoded facts, 0 for
    a folder without `__init__.py`.
    """

    package: str
    distribution: str
    version: str
    requirements: tuple[str, ...]
    required: frozenset[str]
    extensions: tuple[str, ...]
    modules: dict[str, Any]

    def facts(self, module: str) -> Facts | None:
        """The facts of one module, decoded when asked for; paths are relative to site-packages."""
        encoded = self.modules.get(module)
        return decode_facts(module, encoded) if encoded else None

    def references(self, module: str) -> References:
        """What the functions of one module refer to in packages that have summaries."""
        encoded = self.modules.get(module)
        return decode_references(encoded) if encoded else {}

    def is_namespace(self, module: str) -> bool:
        """Whether a module is a folder without `__init__.py`."""
        return self.modules.get(module) == 0


@cache
def summarised() -> frozenset[str]:
    """The import names of the packages that have summaries."""
    return frozenset(path.name for path in (data_folder() / "ecosystem").iterdir())


class Release(NamedTuple):
    """One release that has a summary.

    `requires` are its requirements on other packages that have summaries, as pairs of distribution and
    specifier; `position` is its column in the index.
    """

    package: str
    distribution: str
    version: str
    path: Path
    requires: tuple[tuple[str, str], ...]
    position: int


class Index(NamedTuple):
    """All releases of one package, oldest first, and in what they differ.

    A string has one character for each release: equal characters stand for equal effects
    (`summaries/effects.py`), `-` for a release without any. There is one for the entry points, and for each
    module in which releases differ one for the effect of packaging and one for that of importing it;
    `declared` has one for each library that some releases require, or register as extern or mock.
    """

    releases: tuple[Release, ...]
    entry_points: str
    packaging: dict[str, str]
    importing: dict[str, str]
    declared: dict[str, str]


@cache
def available() -> dict[str, Index]:
    """The releases that have a summary, by import name."""
    paths = sorted((data_folder() / "ecosystem").glob(f"*/{INDEX}"))
    return {path.parent.name: _index(path) for path in paths}


def _index(path: Path) -> Index:
    data = json.loads(path.read_text(encoding="utf-8"))
    name = data["distribution"]
    releases = tuple(
        Release(
            path.parent.name,
            name,
            version,
            path.parent / f"{name}-{version}.json",
            tuple(requires.items()),
            position,
        )
        for position, (version, requires) in enumerate(data["releases"])
    )
    return Index(releases, data["entry_points"], data["packaging"], data["importing"], data["declared"])


@cache
def load(path: Path) -> Summary:
    """Read one summary file."""
    data = json.loads(path.read_text(encoding="utf-8"))
    return Summary(
        data["package"],
        data["distribution"],
        data["version"],
        tuple(data["requirements"]),
        frozenset(data["required"]),
        tuple(data["extensions"]),
        data["modules"],
    )
