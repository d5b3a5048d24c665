"""Packages for the tests of this folder: ours, and one from nequip's own command."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pack_support import BareEnvironment, bare, checked, pack, python

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def package(nequip_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package that ``nequip-pack build`` made of the NequIP checkpoint."""
    folder = tmp_path_factory.mktemp("package")
    checked(pack("build", nequip_checkpoint, "ours.nequip.zip", cwd=folder))
    return folder / "ours.nequip.zip"


@pytest.fixture(scope="session")
def upstream_package(nequip_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package that nequip's own command made of the same checkpoint."""
    folder = tmp_path_factory.mktemp("upstream")
    arguments = ("-m", "nequip.scripts.package", "build", str(nequip_checkpoint), "theirs.nequip.zip")
    checked(python(*arguments, cwd=folder))
    return folder / "theirs.nequip.zip"


@pytest.fixture(scope="session")
def bare_environment(tmp_path_factory: pytest.TempPathFactory) -> BareEnvironment:
    """Links to everything installed here but nequip, e3nn and allegro."""
    return bare(tmp_path_factory.mktemp("bare"))
