"""Packages for the tests of this folder: ours, and one from nequip's own command."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest
from pack_support import BareEnvironment, checked, pack, python


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
    folder = tmp_path_factory.mktemp("bare")
    for name in ("nequip_pack", "nequip_lint"):
        spec = importlib.util.find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        (folder / name).symlink_to(Path(spec.origin).parent)
    (folder / "rules").symlink_to(Path(__file__).parents[2] / "rules")
    for place in map(Path, sys.path):
        if place.name in ("site-packages", "dist-packages"):
            _link(place, folder)
    return BareEnvironment(folder)


def _link(place: Path, folder: Path) -> None:
    for entry in place.iterdir():
        package = entry.name.split("-")[0].lower()
        if package in ("nequip", "nequip_allegro", "allegro", "e3nn") or entry.suffix == ".pth":
            continue
        if not (folder / entry.name).is_symlink():
            (folder / entry.name).symlink_to(entry)
