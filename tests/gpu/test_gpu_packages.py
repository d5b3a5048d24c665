"""Packages of models that were trained on a GPU: built beside it, run there and where there is none."""

from __future__ import annotations

import json
import os
import zipfile
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest
from closures import check_equal, written
from gpu_programs import CALCULATOR, CHECKPOINT, COMPILED, FLASH, ON_THE_GPU, PACKAGE, WITHOUT_GPU
from pack_support import NOT_HERE, checked, pack, python

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    from pack_support import BareEnvironment

pytestmark = pytest.mark.real

MACHINE = ("--gpu", "--present", "triton")
ROUNDING = 1e-4
"""Single precision, on two devices that add in different orders (eV, eV/Angstrom)."""
RECORDS = {"model/package_metadata.txt", "model/manifest.json", ".data/serialization_id"}
"""Members that tell of the machine, or are a hash of others that do."""
HIDDEN = {**os.environ, **WITHOUT_GPU}


@pytest.fixture(scope="session")
def expected(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the checkpoint's model computes, by device."""
    outputs = tmp_path_factory.mktemp("expected") / "outputs.pt"
    checked(python("-c", CHECKPOINT, str(trained), str(outputs), cwd=outputs.parent))
    return outputs


@pytest.fixture(scope="session")
def tagged(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package whose storages are said to be on the GPU, also those of pickles inside of pickles."""
    package = tmp_path_factory.mktemp("tagged") / "tagged.nequip.zip"
    checked(python("-c", ON_THE_GPU, str(trained), str(package), cwd=package.parent))
    return package


def _differences(package: Path, expected: Path, bare: BareEnvironment, *devices: str) -> dict[str, float]:
    """From the checkpoint's model, where there is neither nequip nor e3nn, and no GPU for the CPU alone."""
    variables = {} if "cuda" in devices else WITHOUT_GPU
    arguments = ("-c", PACKAGE + NOT_HERE, str(package), str(expected), *devices)
    done = checked(bare.python(*arguments, cwd=package.parent, variables=variables))
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    print(package.name, found)
    return found


def _members_on_cuda(file: Path) -> list[str]:
    with zipfile.ZipFile(file) as archive:
        return [name for name in archive.namelist() if b"cuda:0" in archive.read(name)]


def _content(package: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(package) as archive:
        return {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}


def test_the_checkpoint_lies_on_the_gpu(trained: Path) -> None:
    assert [name for name in _members_on_cuda(trained) if name.endswith("data.pkl")]


def test_the_archive_is_as_predicted(ours: Path, trained: Path, tmp_path: Path) -> None:
    assert check_equal(ours, tmp_path, machine=MACHINE) == {}
    kernels = {"allegro.nn._strided._flashallegro", "allegro.nn._strided._lexsort", "triton"}
    is_allegro = "allegro" in {name.partition(".")[0] for name in written(ours)}
    assert (kernels <= set(written(ours))) == is_allegro


def test_nothing_in_it_is_on_the_gpu(ours: Path, tmp_path: Path) -> None:
    assert [name for name in _members_on_cuda(ours) if name.endswith((".pkl", ".storage"))] == []
    for environment in (os.environ, HIDDEN):
        done = checked(pack("verify", ours, "--physics", "--json", cwd=tmp_path, env=environment))
        assert {check["status"] for check in json.loads(done.stdout)["checks"]} == {"passed"}


def test_both_devices_compute_what_the_checkpoint_does(
    ours: Path, theirs: Path, expected: Path, bare_environment: BareEnvironment
) -> None:
    for package in (ours, theirs):
        found = _differences(package, expected, bare_environment, "cpu", "cuda")
        assert found["cpu"] == 0
        assert found["cuda"] < ROUNDING
        assert _differences(package, expected, bare_environment, "cpu") == {"cpu": 0}


def test_a_build_without_the_gpu_gives_the_same(ours: Path, trained: Path, tmp_path: Path) -> None:
    """But for the machine that it records, of a checkpoint whose tensors are on the GPU."""
    hidden = tmp_path / "hidden.nequip.zip"
    checked(pack("build", trained, hidden, cwd=tmp_path, env=HIDDEN))
    assert checked(pack("diff", ours, hidden, cwd=tmp_path)).stdout == "(no differences)\n"
    first, second = _content(ours), _content(hidden)
    assert first.keys() == second.keys()
    assert {name for name in first if first[name] != second[name]} == RECORDS


def test_packages_of_nequip_are_read_and_migrated(theirs: Path, tmp_path: Path) -> None:
    assert check_equal(theirs, tmp_path, machine=(*MACHINE, "--packager", "nequip"), ours=False) == {}
    for arguments in (("info",), ("check",), ("verify",), ("migrate", "new.nequip.zip")):
        checked(pack(arguments[0], theirs, *arguments[1:], cwd=tmp_path))
    checked(pack("verify", "new.nequip.zip", "--physics", cwd=tmp_path))


def test_storages_on_the_gpu_are_named_read_and_migrated(
    tagged: Path, expected: Path, bare_environment: BareEnvironment, tmp_path: Path
) -> None:
    assert [name for name in _members_on_cuda(tagged) if name.endswith(".pkl")]
    refused = pack("verify", tagged, cwd=tmp_path)
    assert refused.returncode == 1, refused.stdout + refused.stderr
    assert "stored as on CUDA in model/eager_model.pkl" in refused.stdout
    checked(pack("check", tagged, cwd=tmp_path, env=HIDDEN))
    assert _differences(tagged, expected, bare_environment, "cpu") == {"cpu": 0}
    checked(pack("migrate", tagged, "new.nequip.zip", cwd=tmp_path, env=HIDDEN))
    new = tmp_path / "new.nequip.zip"
    assert [name for name in _members_on_cuda(new) if name.endswith((".pkl", ".storage"))] == []
    checked(pack("verify", new, cwd=tmp_path))
    assert _differences(new, expected, bare_environment, "cpu", "cuda")["cuda"] < ROUNDING


def test_the_calculator_runs_on_both_devices(
    ours: Path, tmp_path: Path, bare_environment: BareEnvironment
) -> None:
    done = checked(bare_environment.python("-c", CALCULATOR + NOT_HERE, str(ours), cwd=tmp_path))
    difference = float(done.stdout.splitlines()[-1])
    print("calculator", difference)
    assert difference < ROUNDING


def test_the_triton_kernels_run(
    checkpoints: Callable[..., Path], tmp_path: Path, bare_environment: BareEnvironment
) -> None:
    """In a model of two layers: the kernels do not take the place of a last or only one."""
    if missing := [name for name in ("allegro", "triton") if find_spec(name) is None]:
        pytest.skip(f"needs {', '.join(missing)}")
    checked(pack("build", checkpoints("deep allegro", "gpu"), "deep.nequip.zip", cwd=tmp_path))
    done = checked(bare_environment.python("-c", FLASH + NOT_HERE, "deep.nequip.zip", cwd=tmp_path))
    found = json.loads(done.stdout.splitlines()[-1])
    print("kernels", found["difference"])
    assert "triton::flashallegro_forward" in found["operators"]
    assert found["difference"] < ROUNDING


@pytest.mark.slow
def test_nequip_compiles_it_for_the_gpu(ours: Path, theirs: Path, tmp_path: Path) -> None:
    """With AOTInductor, where that can do the same with nequip's own package."""
    first = _compile(theirs, "theirs.nequip.pt2", tmp_path)
    if first.returncode:
        pytest.skip(f"it ends with {first.returncode} for the package of nequip's own command, too")
    checked(_compile(ours, "ours.nequip.pt2", tmp_path))
    done = checked(python("-c", COMPILED, str(ours), "ours.nequip.pt2", cwd=tmp_path))
    difference = float(done.stdout.splitlines()[-1])
    print("compiled", difference)
    assert difference < ROUNDING


def _compile(package: Path, output: str, folder: Path) -> subprocess.CompletedProcess[str]:
    options = ("--mode", "aotinductor", "--device", "cuda", "--target", "ase")
    return python("-m", "nequip.scripts.compile", str(package), output, *options, cwd=folder)
