"""Packages that old releases of nequip made, each in an environment of its own: read, run and migrated.

And the other way: nequip 0.12.1, 0.16.2 and the installed one run packages of ours.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from old_nequip import OUTPUTS, OWN, RELEASES, Made, installed_release, old_checkpoint, old_package
from pack_support import checked, error_line, pack, python

from nequip_pack.format import open_archive, read_metadata
from nequip_pack.format.metadata import extern_modules

if TYPE_CHECKING:
    from pack_support import BareEnvironment

    from nequip_pack.format import Archive

pytestmark = [pytest.mark.real, pytest.mark.slow]

CONSTRAINTS = Path(__file__).parents[2] / "constraints.txt"
(INSTALLED,) = re.findall(r"^nequip==(\S+)$", CONSTRAINTS.read_text(), re.MULTILINE)
FORMATS = {**{release.version: release.format for release in RELEASES}, INSTALLED: 2}
READERS = ("0.12.1", "0.16.2", INSTALLED)

OURS = """
import importlib.util, sys, torch, nequip_pack as pack
torch.set_num_threads(1)
assert not importlib.util.find_spec("nequip") and not importlib.util.find_spec("e3nn")
expected = torch.load(sys.argv[1])
for path in sys.argv[2:]:
    for mode in ("eager", "compile"):
        model = pack.ModelFromPackage(path, mode)["sole_model"].eval()
        assert ("Compile" in type(model).__name__) == (mode == "compile"), (path, type(model))
        out = model(dict(pack.example_data(path)))
        for name, value in expected.items():
            assert value.abs().max() > 0 and torch.equal(out[name], value), (path, mode, name)
    assert pack.type_names(path) == ["Cu"]
    assert pack.model_dtype(path) == "float32" and pack.cutoff(path) == 4.0
    assert not {"nequip", "e3nn"} & sys.modules.keys()
"""
"""Where neither nequip nor e3nn can be imported: the same bits, and what an input must look like."""


LOADED = """
import sys, nequip_pack as pack
model = pack.ModelFromPackage(sys.argv[1])["sole_model"].eval()
assert model(dict(pack.example_data(sys.argv[1])))["total_energy"].isfinite().all()
"""


@pytest.fixture(scope="module", params=FORMATS)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A package of one release, and its own outputs."""
    if request.param != INSTALLED:
        (release,) = (release for release in RELEASES if release.version == request.param)
        bare: BareEnvironment = request.getfixturevalue("bare_environment")
        checkpoint: Path = request.getfixturevalue("nequip_checkpoint")
        return old_package(release, bare, yaml.safe_load((checkpoint.parent / "config.yaml").read_text()))
    package: Path = request.getfixturevalue("upstream_package")
    outputs = tmp_path_factory.mktemp("installed") / OUTPUTS
    checked(python("-c", OWN, str(package), str(outputs), cwd=outputs.parent))
    return Made(package, outputs)


def test_read_loaded_and_migrated(
    made: Made, request: pytest.FixtureRequest, bare_environment: BareEnvironment, tmp_path: Path
) -> None:
    """Every command reads it; before and after a migration it computes what its own release says."""
    version = request.node.callspec.params["made"]
    archive = open_archive(made.package)
    assert f"format {FORMATS[version]}," in checked(pack("info", made.package, cwd=tmp_path)).stdout
    assert "nequip/nn/graph_model.py" in checked(pack("list", made.package, cwd=tmp_path)).stdout
    checked(pack("check", made.package, cwd=tmp_path))
    checks = json.loads(checked(pack("verify", made.package, "--json", cwd=tmp_path)).stdout)["checks"]
    assert {check["status"] for check in checks} == {"passed", "not checked"}
    told = checked(pack("migrate", made.package, "new.nequip.zip", cwd=tmp_path)).stdout
    assert "the predictions for the example data are the same, bit for bit" in told
    new = open_archive(tmp_path / "new.nequip.zip")
    sources = {name for name in archive.members if name.startswith(("nequip/", "e3nn/"))}
    assert sources
    assert sources == {name for name in new.members if name.startswith(("nequip/", "e3nn/"))}
    assert all(archive.read(name) == new.read(name) for name in sources)
    assert set(extern_modules(archive)) <= set(extern_modules(new))
    assert _modules(archive) == _modules(new)
    metadata = read_metadata(new)
    assert (metadata.package_version_id, metadata.available_models) == (2, ("eager", "compile"))
    assert metadata.nequip_pack is not None
    record = metadata.nequip_pack["migrated"]
    assert record["versions"]["nequip"] == version
    assert record["from_format"] == FORMATS[version]
    assert record.get("left_out") == (["aotinductor"] if FORMATS[version] == 0 else None)
    both = (str(made.package), "new.nequip.zip")
    checked(bare_environment.python("-c", OURS, str(made.outputs), *both, cwd=tmp_path))
    checked(python("-c", OWN, "new.nequip.zip", OUTPUTS, cwd=tmp_path))
    assert _values(tmp_path / OUTPUTS) == _values(made.outputs)


def _modules(archive: Archive) -> set[str]:
    """All archived and mocked modules; torch.package may make a package of what is mocked."""
    names = {name.removesuffix(".py") for name in archive.members if name.endswith(".py")}
    return {name.removesuffix("/__init__") for name in names if not name.startswith("fx-generated/")}


def _values(outputs: Path) -> dict[str, list[float]]:
    """The numbers in a file of outputs; as Python has them, which is exact."""
    import torch

    return {name: value.tolist() for name, value in torch.load(outputs).items()}


@pytest.mark.parametrize("version", READERS)
def test_releases_run_our_packages(
    version: str, package: Path, bare_environment: BareEnvironment, tmp_path: Path
) -> None:
    """Built by us of a checkpoint of the installed nequip."""
    if version == INSTALLED:
        checked(python("-c", OWN, str(package), OUTPUTS, cwd=tmp_path))
    else:
        (release,) = (release for release in RELEASES if release.version == version)
        old = installed_release(release, bare_environment)
        checked(old.python("-c", OWN, str(package), OUTPUTS, cwd=tmp_path))
    checked(bare_environment.python("-c", OURS, OUTPUTS, str(package), cwd=tmp_path))


XYZ = """2
Lattice="7 0 0 0 7 0 0 0 7" Properties=species:S:1:pos:R:3 pbc="T T T"
Cu 0.0 0.0 0.0
Cu 2.5 0.1 0.0
"""


@pytest.mark.parametrize("version", ["0.10.0", "0.12.1"])
def test_checkpoints_of_old_releases(
    version: str, nequip_checkpoint: Path, bare_environment: BareEnvironment, tmp_path: Path
) -> None:
    """Those from 0.12.1 on are packaged here, and earlier ones with the nequip that trained them."""
    (release,) = (release for release in RELEASES if release.version == version)
    config = yaml.safe_load((nequip_checkpoint.parent / "config.yaml").read_text())
    checkpoint = old_checkpoint(release, bare_environment, config)
    (tmp_path / "frame.xyz").write_text(XYZ)
    done = pack("build", checkpoint, "out.nequip.zip", "--example-data", "frame.xyz", cwd=tmp_path)
    if version == "0.12.1":
        checked(done)
        checked(bare_environment.python("-c", LOADED, "out.nequip.zip", cwd=tmp_path))
    else:
        advice = f"package it with nequip {version}, then run `nequip-pack migrate` on that package"
        assert advice in error_line(done, 8)
        assert f"it was trained with nequip {version}, and this is nequip {INSTALLED}: " in done.stderr
