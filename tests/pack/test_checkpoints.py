"""Checkpoints trained elsewhere: what a package does not need stops nothing, and the rest is explained."""

from __future__ import annotations

import importlib.metadata
import json
import re
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from pack_support import checked, error_line, pack, python

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.real

XYZ = """5
Lattice="7 0 0 0 7 0 0 0 7" Properties=species:S:1:pos:R:3 pbc="T T T"
Cu 0.0 0.0 0.0
Cu 2.5 0.1 0.0
Cu 0.0 2.6 0.2
Cu 2.4 2.4 0.3
Cu 1.2 1.3 2.1
"""
ALTER = """
import sys, torch, types
lab = sys.modules["absentlab"] = types.ModuleType("absentlab")
class Kept: pass
Kept.__module__, lab.Kept = "absentlab", Kept
def both(name, change):
    for config in (info["training_module"], hyper):
        change(config, name)
for name, text in CHANGES.items():
    checkpoint = torch.load(sys.argv[1], map_location="cpu", weights_only=False)
    hyper, state = checkpoint["hyper_parameters"], checkpoint["state_dict"]
    info = hyper["info_dict"]
    dataset = info["data"]["split_dataset"]["dataset"]
    exec(text)
    torch.save(checkpoint, name + ".ckpt")
"""
LOADS = """
import json, sys, warnings
from pathlib import Path
import torch
from nequip_pack.checkpoint import open_source
from nequip_pack.errors import NequipPackError
from nequip_pack.load.outputs import outputs, state_digests

def read(path, example):
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        try:
            source = open_source(Path(path), example and Path(example))
            source.check()
            loaded = source.load(("eager",))
        except NequipPackError as error:
            return {"code": error.exit_code, "line": str(error)}
    model = loaded.models["eager"].eval()
    energy = float(outputs({"eager": model}["eager"], loaded.example_data).tensors["sole_model.total_energy"])
    return {"weights": state_digests(model), "energy": energy, "warnings": [str(w.message) for w in seen]}

print(json.dumps({name: read(path, example) for name, (path, example) in json.loads(sys.argv[1]).items()}))
"""
UNWANTED_DATA = {
    "old name": """dataset["transforms"][0] = {"_target_": "nequip.data.transforms.ChemicalSpeciesMapper"}""",
    "old argument": """dataset["transforms"][0] = {"_target_":
        "nequip.data.transforms.ChemicalSpeciesToAtomTypeMapper", "chemical_symbols": ["Cu"]}""",
    "lab's own": """info["data"]["_target_"] = "absentlab.data.Module"; dataset["transforms"].append(
        {"_target_": "absentlab.data.Augment"})""",
    "script": """info["data"]["_target_"] = "__main__.Data"
dataset["transforms"] = [{"_target_": "__main__.T"}]""",
    "file": """info["data"] = {"_target_": "nequip.data.datamodule.ASEDataModule", "seed": 1,
        "split_dataset": {"file_path": "train.xyz", "train": 4, "val": 2}}""",
}
"""Data that cannot be made here, and what is said of it without ``--example-data``."""
SAID = {
    "old name": "ChemicalSpeciesMapper",
    "old argument": "The `chemical_symbols` parameter is no longer supported",
    "lab's own": "it names absentlab.data.Module, and absentlab is not installed",
    "script": "__main__.Data is from the script or notebook that wrote the checkpoint (`__main__`)",
    "file": "there is no train.xyz",
}
NOT_NEEDED = {
    "loss": """both("loss", lambda c, n: c.update({n: {"_target_": "absentlab.Loss"}}))""",
    "broken loss": """both("loss", lambda c, n: c[n].update(nosuch=3))""",
    "metrics with state": """both("val_metrics", lambda c, n: c.update({n: {"_target_": "absentlab.M"}}))
state["val_metrics.0.count"] = torch.zeros(3)""",
    "callback": """checkpoint["callbacks"]["absentlab.Callback{}"] = {"best": Kept(), "all": [Kept]}""",
    "optimizer": """both("optimizer", lambda c, n: c.update({n: {"_target_": "absentlab.Adam"}}))
checkpoint["optimizer_states"][0]["kept"] = Kept()""",
    "data module": """checkpoint["NequIPDataModule"] = {"state": Kept()}""",
}
NEEDED = {
    "training module": (
        """info["training_module"]["_target_"] = "absentlab.train.Module" """,
        6,
        "the checkpoint needs the package absentlab, which is not installed (its training module is "
        "absentlab.train.Module); install the library that provides `absentlab`",
    ),
    "renamed training module": (
        """info["training_module"]["_target_"] = "nequip.train.NoSuchModule" """,
        6,
        "the training module, through which nequip loads a model, needs something that cannot be imported",
    ),
    "model": (
        """both("model", lambda c, n: c[n].update(_target_="allegroextra.model.Builder"))""",
        6,
        "(its model is allegroextra.model.Builder); install the library that provides `allegroextra`",
    ),
    "part of the model": (
        """both("model", lambda c, n: c[n].update(extra={"_target_": "openequivariance.Part"}))""",
        6,
        "(its model is openequivariance.Part); run `pip install openequivariance`",
    ),
    "script": (
        """info["training_module"]["model"]["_target_"] = "__main__.make" """,
        6,
        "the checkpoint needs __main__.make from the script or notebook that wrote the checkpoint "
        "(`__main__`), which no other process can import; move it to a module that can be imported",
    ),
    "old release": (
        """info["versions"]["nequip"] = "0.10.0"
both("model", lambda c, n: c[n].update(num_features=8)); info["data"]["_target_"] = "absentlab.Data" """,
        8,
        "it was trained with nequip 0.10.0, and this is nequip HERE: package it with nequip 0.10.0, then run "
        "`nequip-pack migrate` on that package",
    ),
    "new release": (
        """info["versions"]["nequip"] = "99.1"; both("model", lambda c, n: c[n].update(num_features=8))""",
        8,
        "it was trained with nequip 99.1, and this is nequip HERE: run `pip install nequip==99.1`",
    ),
    "same release": (
        """both("model", lambda c, n: c[n].update(num_features=8))""",
        8,
        "the eager model did not load (RuntimeError: Error(s) in loading state_dict",
    ),
}


def _altered(checkpoint: Path, folder: Path, changes: dict[str, str]) -> None:
    script = f"CHANGES = {changes!r}\n{ALTER}"
    checked(python("-c", script, str(checkpoint), cwd=folder))


def _read(folder: Path, wanted: dict[str, tuple[str, str | None]]) -> dict[str, Any]:
    """Load checkpoints, one after another in one other process."""
    done = checked(python("-c", LOADS, json.dumps(wanted), cwd=folder))
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def folder(nequip_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every altered checkpoint, a whole one, and a structure."""
    folder = tmp_path_factory.mktemp("altered")
    every = {"whole": "pass", **UNWANTED_DATA, **NOT_NEEDED}
    every |= {f"without {name}": change for name, (change, _, _) in NEEDED.items()}
    _altered(nequip_checkpoint, folder, every)
    (folder / "frame.xyz").write_text(XYZ)
    return folder


def test_example_data_where_the_data_module_cannot_be_made(folder: Path) -> None:
    """Types and cutoff come from the model: the energy is that of the structure, as with all transforms."""
    names = ("whole", *UNWANTED_DATA)
    found = _read(folder, {name: (f"{name}.ckpt", "frame.xyz") for name in names})
    assert {json.dumps([item.get("weights"), item.get("energy")]) for item in found.values()} == {
        json.dumps([found["whole"]["weights"], found["whole"]["energy"]])
    }, found
    skipped = {name: [w for w in item["warnings"] if "goes without" in w] for name, item in found.items()}
    assert [name for name, lines in skipped.items() if lines] == [
        "old name",
        "old argument",
        "lab's own",
        "script",
    ]
    assert "goes without absentlab.data.Augment, which fails here" in skipped["lab's own"][0]


def test_what_is_said_without_example_data(folder: Path) -> None:
    """And only since the model itself loads."""
    found = _read(folder, {name: (f"{name}.ckpt", None) for name in UNWANTED_DATA})
    for name, words in SAID.items():
        assert found[name]["code"] == 6, found[name]
        assert "no example data: the checkpoint's training data is out of reach" in found[name]["line"]
        assert words in found[name]["line"]
        assert found[name]["line"].endswith("give one structure with --example-data FILE")


def test_what_a_package_does_not_need_stops_nothing(folder: Path) -> None:
    found = _read(folder, {name: (f"{name}.ckpt", None) for name in ("whole", *NOT_NEEDED)})
    for name in NOT_NEEDED:
        assert found[name].get("weights") == found["whole"]["weights"], found[name]
        assert found[name]["energy"] == found["whole"]["energy"]
        told = [text for text in found[name]["warnings"] if "the package needs none" in text]
        assert len(told) == (name in ("loss", "broken loss", "metrics with state")), found[name]


def test_what_is_needed_is_named(folder: Path) -> None:
    found = _read(folder, {name: (f"without {name}.ckpt", None) for name in NEEDED})
    for name, (_, code, words) in NEEDED.items():
        assert found[name]["code"] == code, found[name]
        assert words.replace("HERE", importlib.metadata.version("nequip")) in found[name]["line"]
    assert "it was trained with" not in found["same release"]["line"]


def test_the_whole_way(folder: Path, tmp_path: Path) -> None:
    """Own data module and own loss at once, through the real command."""
    change = {"both": UNWANTED_DATA["lab's own"] + "\n" + NOT_NEEDED["loss"]}
    _altered(folder / "whole.ckpt", tmp_path, change)
    line = error_line(pack("build", "both.ckpt", "out.nequip.zip", cwd=tmp_path), 6)
    assert SAID["lab's own"] in line
    arguments = ("build", "both.ckpt", "out.nequip.zip", "--example-data", folder / "frame.xyz")
    done = checked(pack(*arguments, cwd=tmp_path))
    assert "nequip-pack: warning: the loss or a metric cannot be made here" in done.stderr
    with zipfile.ZipFile(tmp_path / "out.nequip.zip") as archive:
        assert b"absentlab.Loss" in archive.read("archive/model/config.yaml")


EXTENSIONS = {
    "circle": (
        "from nequip.model import model_builder",
        "6 .*cannot import name .*circular import.* at labext/__init__.py:1\\); nequip imports what an entry",
    ),
    "error": (
        "1 / 0",
        r"8 .*at import \(ZeroDivisionError: division by zero, at labext/__init__.py:1\)",
    ),
}
IMPORTED = """
import sys
from pathlib import Path
sys.path.insert(0, "")
from nequip_pack.checkpoint.nequip_source import patterns_of_nequip
from nequip_pack.errors import NequipPackError
try:
    patterns_of_nequip(Path("best.ckpt"))
except NequipPackError as error:
    print(error.exit_code, error)
"""


@pytest.mark.parametrize("name", EXTENSIONS)
def test_an_extension_that_fails_at_import_is_named(tmp_path: Path, name: str) -> None:
    source, expected = EXTENSIONS[name]
    record = tmp_path / "labext-1.0.dist-info"
    (tmp_path / "labext").mkdir()
    record.mkdir()
    (tmp_path / "labext" / "__init__.py").write_text(source)
    (record / "METADATA").write_text("Metadata-Version: 2.1\nName: labext\nVersion: 1.0\n")
    (record / "entry_points.txt").write_text("[nequip.extension]\ninit_always = labext\n")
    done = checked(python("-c", IMPORTED, cwd=tmp_path))
    assert re.match(expected, done.stdout), done.stdout
