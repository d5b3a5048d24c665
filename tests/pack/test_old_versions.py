"""A package that an old release of nequip made in an environment of its own, loaded here."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from pack_support import checked, pack, python

if TYPE_CHECKING:
    from pack_support import BareEnvironment

pytestmark = [pytest.mark.real, pytest.mark.slow]

CACHE = Path(__file__).parents[2] / ".cache" / "old-packages"
OWN = """
import sys, torch
from nequip.model import ModelFromPackage
from nequip.utils.global_state import set_global_state
set_global_state()
model = ModelFromPackage(sys.argv[1], "eager")["sole_model"].eval()
out = model(torch.package.PackageImporter(sys.argv[1]).load_pickle("model", "example_data.pkl"))
torch.save({k: out[k].detach() for k in ("total_energy", "forces", "stress")}, "own.pt")
"""
OURS = """
import sys, torch, nequip_pack as pack
path = sys.argv[1]
out = pack.ModelFromPackage(path)["sole_model"].eval()(dict(pack.example_data(path)))
for name, expected in torch.load("own.pt").items():
    assert expected.abs().max() > 0 and torch.equal(out[name], expected), name
assert "nequip" not in sys.modules
print(pack.type_names(path), pack.model_dtype(path), pack.cutoff(path))
"""


def old_config(base: Path) -> dict[str, Any]:
    """The configuration of a checkpoint in the words of nequip 0.7."""
    config: dict[str, Any] = yaml.safe_load(base.read_text())
    config["global_options"] = {"allow_tf32": False}
    config["training_module"]["model"]["per_type_energy_shifts"] = [0.1]
    mapper = config["data"]["split_dataset"]["dataset"]["transforms"][0]
    mapper["chemical_symbols"] = mapper.pop("model_type_names")
    config["data"]["val_dataloader"] = config["data"]["train_dataloader"]
    return config


def run_old(folder: Path, bare: BareEnvironment, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python with the old release before what a load needs, and nothing of this environment's nequip."""
    paths = os.pathsep.join([str(folder / "libraries"), str(bare.folder)])
    environment = {**os.environ, "PYTHONPATH": paths, "PYTHONNOUSERSITE": "1"}
    command = [sys.executable, "-S", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_nequip_0_7_1(nequip_checkpoint: Path, bare_environment: BareEnvironment) -> None:
    """Format 0: trained, packaged and run by nequip 0.7.1; the same bits with us; ``info`` reads it too."""
    folder = CACHE / "0.7.1"
    package = folder / "old.nequip.zip"
    if not package.exists():
        folder.mkdir(parents=True, exist_ok=True)
        wanted = ("--target", str(folder / "libraries"), "nequip==0.7.1", "e3nn==0.5.9")
        if python("-m", "pip", "install", "-q", "--no-deps", *wanted, cwd=folder).returncode:
            pytest.skip("the package index is out of reach")
        config = old_config(nequip_checkpoint.parent / "config.yaml")
        (folder / "config.yaml").write_text(yaml.safe_dump(config))
        train = ("-m", "nequip.scripts.train", "-cp", str(folder), "-cn", "config", "hydra.run.dir=run")
        checked(run_old(folder, bare_environment, *train))
        build = ("--ckpt-path", "run/best.ckpt", "--output-path", "old.nequip.zip")
        checked(run_old(folder, bare_environment, "-m", "nequip.scripts.package", *build))
    checked(run_old(folder, bare_environment, "-c", OWN, str(package)))
    assert checked(python("-c", OURS, str(package), cwd=folder)).stdout.split() == [
        "['Cu']",
        "float32",
        "4.0",
    ]
    assert "format 0" in checked(pack("info", package, cwd=folder)).stdout
