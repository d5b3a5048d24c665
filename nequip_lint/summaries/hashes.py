"""What the source files of released packages are, as hashes: `ecosystem/<package>/hashes.json`.

A hash is of a file as torch.package archives it: it takes source through `linecache`, which ends every line
with a line feed, the last one too (2.13, `torch/package/importer.py`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from nequip_lint.tables import data_folder

HASHES = "hashes.json"


class Hashes(NamedTuple):
    """The distribution of a package; by version, then by path, the hash of every Python file."""

    distribution: str
    releases: Mapping[str, Mapping[str, str]]


def archived(source: bytes) -> bytes:
    """Source with line ends as torch.package archives it; it means to Python what it meant before."""
    lines = source.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return lines if lines.endswith(b"\n") or not lines else lines + b"\n"


def digest(source: bytes) -> str:
    """The SHA-256 of source in that form."""
    import hashlib

    return hashlib.sha256(archived(source)).hexdigest()


def released(package: str) -> Hashes | None:
    """The hashes of the releases of a package that are summarised, None for other packages.

    Args:
        package: its import name.
    """
    path = data_folder() / "ecosystem" / package / HASHES
    return read(path) if package.isidentifier() and path.is_file() else None


def read(path: Path) -> Hashes:
    """Read such a file: by path, each hash with the places of its releases."""
    data = json.loads(path.read_text(encoding="utf-8"))
    found: dict[str, dict[str, str]] = {version: {} for version in data["releases"]}
    for name, hashes in data["files"].items():
        for value, places in hashes.items():
            for place in places:
                found[data["releases"][place]][name] = value
    return Hashes(data["distribution"], found)


def encoded(hashes: Hashes) -> dict[str, Any]:
    """The same as JSON values; most files are alike in many releases."""
    files: dict[str, dict[str, list[int]]] = {}
    for place, found in enumerate(hashes.releases.values()):
        for name, value in found.items():
            files.setdefault(name, {}).setdefault(value, []).append(place)
    return {"distribution": hashes.distribution, "releases": list(hashes.releases), "files": files}
