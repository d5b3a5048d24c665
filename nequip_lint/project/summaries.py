"""Summaries: the facts of released packages, checked in, so that a lint environment needs none of them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from nequip_lint.facts.codec import decode_facts
from nequip_lint.facts.values import Facts

Version = tuple[int, ...]


class Summary(NamedTuple):
    """One release of one package.

    `required` are the import names of all that its requirements bring, markers and extras aside;
    `extensions` the values of its `nequip.extension` entry points; `modules` the encoded facts.
    """

    package: str
    distribution: str
    version: str
    required: frozenset[str]
    extensions: tuple[str, ...]
    modules: dict[str, Any]

    def facts(self, module: str) -> Facts | None:
        """The facts of one module, decoded when asked for; paths are relative to site-packages."""
        encoded = self.modules.get(module)
        return None if encoded is None else decode_facts(module, encoded)


def data_folder() -> Path:
    """The folder `rules/`: inside the installed package, or at the top of a checkout."""
    installed = Path(__file__).parent.parent / "_rules"
    return installed if installed.is_dir() else Path(__file__).parents[2] / "rules"


def parse_version(text: str) -> Version:
    """The release numbers of a version, enough to order releases of one package."""
    numbers = text.split("+")[0].split(".")
    return tuple(int("".join(c for c in number if c.isdigit()) or 0) for number in numbers)


class Release(NamedTuple):
    """One summary file: `ecosystem/<package>/<distribution>-<version>.json`."""

    package: str
    distribution: str
    version: str
    path: Path


@cache
def available() -> dict[str, tuple[Release, ...]]:
    """The releases that have a summary, by import name, oldest first."""
    found: dict[str, list[Release]] = {}
    for path in (data_folder() / "ecosystem").glob("*/*.json"):
        distribution, _, version = path.stem.rpartition("-")
        release = Release(path.parent.name, distribution, version, path)
        found.setdefault(release.package, []).append(release)
    return {
        package: tuple(sorted(releases, key=lambda item: parse_version(item.version)))
        for package, releases in found.items()
    }


@cache
def load(path: Path) -> Summary:
    """Read one summary file."""
    data = json.loads(path.read_text(encoding="utf-8"))
    return Summary(
        data["package"],
        data["distribution"],
        data["version"],
        frozenset(data["required"]),
        tuple(data["extensions"]),
        data["modules"],
    )
