"""A checkpoint that was trained on a GPU, built and run where none is seen."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pack_support import NOT_HERE, checked, pack

if TYPE_CHECKING:
    from pack_support import BareEnvironment

pytestmark = pytest.mark.real

FOLDER = Path(__file__).parents[1] / "data" / "h100"
WITHOUT_GPU = {"CUDA_VISIBLE_DEVICES": "", "HIP_VISIBLE_DEVICES": ""}
COMPARE = """
import sys, torch, nequip_pack
assert not torch.cuda.is_available()
loaded = nequip_pack.load_package(sys.argv[1])
out = loaded.models["sole_model"].eval()(loaded.example_data)
for device, expected in torch.load(sys.argv[2]).items():
    for name, value in expected.items():
        assert value.abs().max() > 1e-3
        assert torch.allclose(out[name], value, rtol=0, atol=1e-6), (device, name)
"""


def test_it_computes_what_it_did_there(tmp_path: Path, bare_environment: BareEnvironment) -> None:
    checkpoint = FOLDER / "checkpoint.pt"
    with zipfile.ZipFile(checkpoint) as archive:
        assert b"cuda:0" in archive.read("archive/data.pkl")
    checked(pack("build", checkpoint, "m.nequip.zip", cwd=tmp_path, env={**os.environ, **WITHOUT_GPU}))
    arguments = ("-c", COMPARE + NOT_HERE, "m.nequip.zip", str(FOLDER / "outputs.pt"))
    checked(bare_environment.python(*arguments, cwd=tmp_path, variables=WITHOUT_GPU))
    with zipfile.ZipFile(tmp_path / "m.nequip.zip") as package:
        pickles = [name for name in package.namelist() if name.endswith(".pkl")]
        assert len(pickles) == 3
        assert not [name for name in pickles if b"cuda" in package.read(name)]
