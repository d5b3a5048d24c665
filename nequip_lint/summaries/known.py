"""Hazards of released files that models are shown to live with: `rules/released.toml`."""

from __future__ import annotations

from pathlib import Path

from nequip_lint.contents import read_bytes
from nequip_lint.summaries.hashes import digest, released
from nequip_lint.tables import table
from nequip_lint.values import Finding


def is_known(finding: Finding) -> bool:
    """Whether a finding in an installed file is one that the table has, and the file the one of a release.

    Args:
        finding: with the installed file at the end of its chain.
    """
    step = finding.chain[-1]
    entry = table("released").get(step.module, {"codes": ()})
    return finding.code in entry["codes"] and _is_released(step.module, Path(step.path))


def _is_released(module: str, path: Path) -> bool:
    """Whether a file is, but for line ends, that of some release whose hashes are known."""
    top, *names = module.split(".")
    known = released(top)
    places = ("/".join([top, *names]) + end for end in (".py", "/__init__.py"))
    found = digest(read_bytes(path))
    return known is not None and any(
        files.get(place) == found for place in places for files in known.releases.values()
    )
