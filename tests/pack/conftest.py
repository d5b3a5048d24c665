"""For the tests of this folder: a package from nequip's own command, and an environment without nequip."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pack_support import BareEnvironment, bare, checked, python

if TYPE_CHECKING:
    from pathlib import Path

    from once import Once


@pytest.fixture(scope="session")
def upstream_package(nequip_checkpoint: Path, once: Once) -> Path:
    """A package that nequip's own command made of the same checkpoint."""
    words = ("-m", "nequip.scripts.package", "build", str(nequip_checkpoint), "theirs.nequip.zip")
    return once("upstream", lambda folder: checked(python(*words, cwd=folder))) / "theirs.nequip.zip"


@pytest.fixture(scope="session")
def bare_environment(once: Once) -> BareEnvironment:
    """Links to everything installed here but nequip, e3nn and allegro."""
    return BareEnvironment(once("bare", bare))
