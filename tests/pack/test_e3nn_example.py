"""The e3nn example of the documentation, for real: trained, linted, packaged, loaded without e3nn."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pack_support import NOT_HERE, checked, error_line, pack, python

if TYPE_CHECKING:
    import subprocess

    from pack_support import BareEnvironment

pytestmark = pytest.mark.real
EXAMPLE = Path(__file__).parents[2] / "docs" / "e3nn-example"
NARROW = "from e3nn.o3._irreps import Irreps\n"


def _environment(project: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(project), os.environ.get("PYTHONPATH", "")])}


def _lint(project: Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return python("-m", "nequip_lint", str(project), "--no-cache", cwd=cwd)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``e.ckpt`` from the example's training script, and what it printed."""
    folder = tmp_path_factory.mktemp("e3nn")
    done = python(str(EXAMPLE / "train.py"), "e.ckpt", cwd=folder, env=_environment(EXAMPLE))
    (folder / "log").write_text(checked(done).stdout)
    return folder


def test_it_is_clean_and_it_learns(trained: Path) -> None:
    assert _lint(EXAMPLE, trained).returncode == 0
    before, after = (float(line.split()[-2]) for line in (trained / "log").read_text().splitlines())
    assert after < before / 100


EXPECTED = """
import torch
from e3nn_pair.potential import build
content = torch.load("e.ckpt", weights_only=False)
model = build(**content["arguments"])
model.load_state_dict(content["state_dict"])
output = model.eval()(content["example_data"])
torch.save({name: output[name].detach() for name in ("total_energy", "forces", "stress")}, "expected.pt")
"""
LOADED = """
import sys, numpy as np, torch, nequip_pack
from ase import Atoms
from nequip_pack.ase import PackageCalculator
data = nequip_pack.example_data("e.nequip.zip")
output = nequip_pack.ModelFromPackage("e.nequip.zip")["sole_model"](data)
expected = torch.load("expected.pt")
for name, value in expected.items():
    assert torch.equal(output[name], value) and value.abs().max() > 1e-3, name
atoms = Atoms("NaCl", data["pos"].numpy(), cell=data["cell"][0].numpy(), pbc=True)
atoms.calc = PackageCalculator("e.nequip.zip")
assert abs(atoms.get_potential_energy() - expected["total_energy"].item()) < 1e-10
assert np.abs(atoms.get_forces() - expected["forces"].numpy()).max() < 1e-10
assert np.abs(atoms.get_stress(voigt=False) - expected["stress"][0].numpy()).max() < 1e-12
for name in ("nequip", "e3nn", "e3nn_pair"):
    assert name not in sys.modules
"""


def test_it_is_packaged_and_loads_without_e3nn(trained: Path, bare_environment: BareEnvironment) -> None:
    """By torch and in ASE, whose neighbour list must find the same images of atoms as the training script."""
    environment = _environment(EXAMPLE)
    checked(pack("build", "e.ckpt", "e.nequip.zip", cwd=trained, env=environment))
    checked(python("-c", EXPECTED, cwd=trained, env=environment))
    checked(bare_environment.python("-c", LOADED + NOT_HERE, cwd=trained))
    verified = checked(pack("verify", "--physics", "e.nequip.zip", cwd=trained))
    assert verified.stdout.splitlines()[-1] == "e.nequip.zip: verified: 3 of 3 outputs"


def test_the_root_of_e3nn_is_refused_by_linter_and_gate(trained: Path, tmp_path: Path) -> None:
    """``from e3nn import o3`` reaches sympy, which nothing registers."""
    project = tmp_path / "heavy"
    shutil.copytree(EXAMPLE, project)
    file = project / "e3nn_pair" / "potential.py"
    text = file.read_text()
    assert NARROW in text
    file.write_text(text.replace(NARROW, "from e3nn import o3\nfrom e3nn.o3 import Irreps\n"))
    linted = _lint(project, tmp_path)
    assert linted.returncode == 1
    assert "NQ203" in linted.stdout
    assert "sympy" in linted.stdout
    arguments = ("build", str(trained / "e.ckpt"), "h.nequip.zip", "--source", str(project))
    refused = pack(*arguments, cwd=tmp_path, env=_environment(project))
    error_line(refused, 1)
    assert "NQ203" in refused.stderr
    assert not (tmp_path / "h.nequip.zip").exists()
