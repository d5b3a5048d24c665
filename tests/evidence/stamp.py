"""What a table of evidence depends on, as hashes, so that a stale one is seen."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from reality import ROOT, versions


class Stamp(NamedTuple):
    """`linter` is the linter with its rules, `harness` what chooses and judges, `versions` what was used."""

    linter: str
    harness: str
    versions: str


def stamp() -> Stamp:
    """The stamp of the files as they are now."""
    here = Path(__file__).parent
    linter = [*(ROOT / "nequip_lint").rglob("*.py"), *(ROOT / "rules").rglob("*.*")]
    used = f"{versions()}, nequip-pack {version('nequip-pack')}"
    return Stamp(_digest(linter), _digest([*here.glob("[!t]*.py"), *here.rglob("*.toml")]), used)


def _digest(files: Iterable[Path]) -> str:
    found = hashlib.sha256()
    for file in sorted(files):
        found.update(file.relative_to(ROOT).as_posix().encode() + b"\0" + file.read_bytes())
    return found.hexdigest()[:12]
