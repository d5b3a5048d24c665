"""The closure that `nequip-lint closure` predicts against real archives: every module, every action."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

import pytest
from closures import check_equal, run, written
from wheels import Unreachable, fetch_wheel

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.real
FLASH = "allegro.nn._strided._flashallegro"
LEXSORT = "allegro.nn._strided._lexsort"


@pytest.fixture(scope="session")
def triton() -> Path:
    """A folder with the real triton, which needs no GPU to be imported in this version."""
    try:
        return fetch_wheel("triton==3.5.1")
    except Unreachable as error:
        pytest.skip(str(error))


def build(checkpoint: Path, folder: Path, *options: str, triton: Path | None = None) -> Path:
    """Build for real; returns the archive."""
    package = folder / "model.nequip.zip"
    done = run("nequip_pack", "build", checkpoint, package, *options, cwd=folder, with_folder=triton)
    assert done.returncode == 0, done.stdout + done.stderr
    return package


def test_nequip_model(nequip_checkpoint: Path, tmp_path: Path) -> None:
    package = build(nequip_checkpoint, tmp_path)
    assert check_equal(package, tmp_path) == {}
    assert {"cuequivariance", "openequivariance"} <= set(written(package)), "lost in nequip's issue 557"


def test_allegro_without_triton_is_refused_and_builds_when_allowed(
    allegro_checkpoint: Path, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    if importlib.util.find_spec("triton") is not None:
        pytest.skip("triton is installed in this environment")
    output = tmp_path / "model.nequip.zip"
    output.write_bytes(b"precious")
    refused = run("nequip_pack", "build", allegro_checkpoint, output, cwd=tmp_path)
    assert refused.returncode == 1
    assert FLASH in refused.stderr and LEXSORT in refused.stderr and "triton" in refused.stderr
    assert output.read_bytes() == b"precious"
    assert [path.name for path in tmp_path.iterdir()] == [output.name]

    package: Path = request.getfixturevalue("allegro_package")
    assert check_equal(package, tmp_path) == {FLASH: "dropped"}
    assert {FLASH, LEXSORT}.isdisjoint(written(package))
    info = run("nequip_pack", "info", package, cwd=tmp_path)
    assert FLASH in info.stdout and LEXSORT in info.stdout


def test_allegro_with_triton_is_whole_and_warned_about(
    allegro_checkpoint: Path, triton: Path, tmp_path: Path
) -> None:
    package = tmp_path / "model.nequip.zip"
    done = run("nequip_pack", "build", allegro_checkpoint, package, cwd=tmp_path, with_folder=triton)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "warning NQ101" in done.stderr and FLASH in done.stderr
    assert check_equal(package, tmp_path, triton) == {}
    assert {FLASH, LEXSORT, "triton"} <= set(written(package))


def test_allegro_with_triton_loads_where_there_is_none(
    allegro_checkpoint: Path, triton: Path, tmp_path: Path
) -> None:
    """Nothing that a load imports needs it."""
    if importlib.util.find_spec("triton") is not None:
        pytest.skip("triton is installed in this environment")
    package = build(allegro_checkpoint, tmp_path, triton=triton)
    for command in ("check", "verify"):
        done = run("nequip_pack", command, package, cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
