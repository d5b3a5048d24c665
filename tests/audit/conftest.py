"""For the tests of this folder: what the tests of packages alter packages with, and nequip's own package."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.append(str(Path(__file__).parents[1] / "pack"))

from pack_support import checked, python

if TYPE_CHECKING:
    from once import Once


@pytest.fixture(scope="session")
def upstream_package(nequip_checkpoint: Path, once: Once) -> Path:
    """A package that nequip's own command made of the same checkpoint."""
    words = ("-m", "nequip.scripts.package", "build", str(nequip_checkpoint), "theirs.nequip.zip")
    return once("upstream", lambda folder: checked(python(*words, cwd=folder))) / "theirs.nequip.zip"
