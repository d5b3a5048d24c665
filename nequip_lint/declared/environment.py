"""The environment that is read where none is named: found by looking at a few paths, importing nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from nequip_lint import disk
from nequip_lint.declared.locate import is_marked, locate, site_folders

_ACTIVE = ("VIRTUAL_ENV", "CONDA_PREFIX")
_BESIDE = (".venv", "venv")


def environments(root: Path | None) -> Iterator[tuple[Path, str]]:
    """Every environment that would be read, the first before the others, and what leads to it.

    Args:
        root: of the project; None for code that is in none.
    """
    for name in _ACTIVE:
        text = disk.variable(name)
        if text and disk.surely(disk.is_folder, text) and _is_of_models(text):
            yield Path(text), name
    for folder in (root / name for name in _BESIDE) if root is not None else ():
        if is_marked(folder):
            yield folder, "found in the project"


def _is_of_models(environment: str) -> bool:
    """Whether an active environment is another one than the linter's, or that has nequip too."""
    is_own = disk.real(environment) == disk.real(sys.prefix)
    return not is_own or locate(site_folders(Path(environment)), "nequip") is not None
