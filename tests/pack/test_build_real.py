"""A package built from a checkpoint that nequip-train wrote, and everything that must accept it."""

from __future__ import annotations

import json
import os
import pickletools
import zipfile
from typing import TYPE_CHECKING

import pytest
import yaml
from pack_support import NOT_HERE, checked, pack, python
from warm import new_python

if TYPE_CHECKING:
    from pathlib import Path

    from pack_support import BareEnvironment

pytestmark = pytest.mark.real

REFERENCE = """
import sys, torch
from nequip.model.saved_models import load_saved_model
from nequip.utils.global_state import set_global_state
set_global_state()
model, data = load_saved_model(sys.argv[1], return_data_dict=True)
out = model.eval()(data)
torch.save({k: out[k].detach() for k in ("total_energy", "forces", "stress")}, "reference.pt")
"""
LOAD = """
import sys, torch, nequip_pack
assert not {"nequip", "e3nn", "allegro"} & {name.partition(".")[0] for name in sys.modules}
model = nequip_pack.ModelFromPackage(sys.argv[1], sys.argv[2])["sole_model"].eval()
out = model(nequip_pack.example_data(sys.argv[1]))
for name, expected in torch.load("reference.pt").items():
    assert expected.abs().max() > 0 and torch.equal(out[name], expected), name
assert not {"nequip", "e3nn", "allegro"} & {name.partition(".")[0] for name in sys.modules}
print(nequip_pack.type_names(sys.argv[1]), "equal")
"""


def _equal_in_a_bare_environment(
    checkpoint: Path, package: Path, mode: str, folder: Path, bare: BareEnvironment
) -> None:
    checked(python("-c", REFERENCE, str(checkpoint), cwd=folder))
    done = checked(bare.python("-c", LOAD + NOT_HERE, str(package), mode, cwd=folder))
    assert done.stdout.strip() == "['Cu'] equal"


@pytest.mark.parametrize("mode", ["eager", "compile"])
def test_loads_without_nequip_and_computes_the_same(
    nequip_checkpoint: Path, package: Path, mode: str, tmp_path: Path, bare_environment: BareEnvironment
) -> None:
    _equal_in_a_bare_environment(nequip_checkpoint, package, mode, tmp_path, bare_environment)


def test_loads_a_package_of_nequips_own_command(
    nequip_checkpoint: Path, upstream_package: Path, tmp_path: Path, bare_environment: BareEnvironment
) -> None:
    _equal_in_a_bare_environment(nequip_checkpoint, upstream_package, "eager", tmp_path, bare_environment)
    shown = json.loads(checked(pack("info", upstream_package, "--json", cwd=tmp_path)).stdout)
    assert shown["writer"] == "nequip"
    assert shown["lint"] is None


def test_allegro(
    allegro_checkpoint: Path, allegro_package: Path, tmp_path: Path, bare_environment: BareEnvironment
) -> None:
    """Built again under another name, in another folder and with another hash seed: the same bytes."""
    environment = {**os.environ, "PYTHONHASHSEED": "4321"}
    allowed = ("--allow", "NQ101:allegro.nn._strided._flashallegro")
    checked(pack("build", allegro_checkpoint, "a.nequip.zip", *allowed, cwd=tmp_path, env=environment))
    assert (tmp_path / "a.nequip.zip").read_bytes() == allegro_package.read_bytes()
    _equal_in_a_bare_environment(allegro_checkpoint, allegro_package, "eager", tmp_path, bare_environment)


def test_the_archive_holds_what_the_format_promises(package: Path) -> None:
    with zipfile.ZipFile(package) as archive:
        names = {name.partition("/")[2] for name in archive.namelist()}
        metadata = yaml.safe_load(archive.read("archive/model/package_metadata.txt"))
        config = yaml.safe_load(archive.read("archive/model/config.yaml"))
    assert {"model/eager_model.pkl", "model/compile_model.pkl", "model/example_data.pkl"} <= names
    assert {"nequip/nn/graph_model.py", "e3nn/o3/_irreps.py"} <= names
    assert metadata["package_version_id"] == 2
    assert metadata["available_models"] == ["eager", "compile"]
    assert metadata["atom_types"] == {0: "Cu"}
    assert metadata["external_modules"]["numpy"]
    assert metadata["external_modules"]["io"] is None
    assert metadata["versions"]["nequip"]
    assert metadata["nequip_pack"]["format"] == 1
    assert metadata["nequip_pack"]["model_dtype"] == "float32"
    assert metadata["nequip_pack"]["cutoff"] == 4.0
    assert config["training_module"]["model"]["num_features"] == 4
    assert "versions" not in config


def test_nequips_command_reads_it(package: Path, tmp_path: Path) -> None:
    shown = checked(python("-m", "nequip.scripts.package", "info", str(package), "--yaml", cwd=tmp_path))
    ours = checked(pack("info", package, "--yaml", cwd=tmp_path))
    assert yaml.safe_load(ours.stdout) == yaml.safe_load(shown.stdout)
    listed = checked(python("-m", "nequip.scripts.package", "list", str(package), cwd=tmp_path))
    assert checked(pack("list", package, cwd=tmp_path)).stdout == listed.stdout


def test_nequips_loader_reads_it(nequip_checkpoint: Path, package: Path, tmp_path: Path) -> None:
    script = """
import sys, torch
from nequip.model.saved_models.load_utils import load_saved_model
from nequip.utils.global_state import set_global_state
set_global_state()
model, data = load_saved_model(sys.argv[1], return_data_dict=True)
out = model.eval()(data)
for name, expected in torch.load("reference.pt").items():
    assert torch.equal(out[name], expected), name
"""
    checked(python("-c", REFERENCE, str(nequip_checkpoint), cwd=tmp_path))
    checked(python("-c", script, str(package), cwd=tmp_path))


def test_nequip_process_is_honoured(package: Path, tmp_path: Path) -> None:
    script = """
import sys
import nequip_pack
from nequip.model.utils import override_model_compile_mode
from nequip.model.saved_models import package
from nequip.scripts._workflow_utils import set_workflow_state
with override_model_compile_mode("compile"):
    assert nequip_pack.ModelFromPackage(sys.argv[1])["sole_model"].is_compile_graph_model
assert not nequip_pack.ModelFromPackage(sys.argv[1])["sole_model"].is_compile_graph_model
assert package._PACKAGE_TIME_SHARED_IMPORTER is None
set_workflow_state("package")
kinds = [type(nequip_pack.ModelFromPackage(sys.argv[1])["sole_model"]) for _ in range(2)]
assert kinds[0] is kinds[1] and package._PACKAGE_TIME_SHARED_IMPORTER is not None
"""
    checked(python("-c", script, str(package), cwd=tmp_path))


@pytest.mark.slow
def test_nequip_compile_accepts_it(package: Path, tmp_path: Path) -> None:
    arguments = ("--mode", "aotinductor", "--device", "cpu", "--target", "ase")
    command = ("-m", "nequip.scripts.compile", str(package), "compiled.nequip.pt2", *arguments)
    checked(python(*command, cwd=tmp_path))
    assert (tmp_path / "compiled.nequip.pt2").stat().st_size > 10_000


GATED = """
import json, sys
from nequip_pack.export import build_package
from nequip_pack.gate import GateResult
from nequip_pack.errors import Refused

class Gate:
    def before_import(self, context):
        assert "nequip" not in sys.modules and "torch" not in sys.modules
    def before_export(self, context, roots, patterns):
        self.roots, self.patterns = roots, patterns
        return GateResult(absent_externals=frozenset({"openequivariance"}), predicted=PREDICTED,
                          record={"status": "clean", "allowed": ("NQ101:a.b",)})

gate, answer = Gate(), {}
try:
    result = build_package(sys.argv[1], "gated.nequip.zip", gate=gate)
    answer = {"collected": result.collected, "intern": gate.patterns.intern}
except Refused as error:
    answer = {"refused": str(error), "details": error.details}
print(json.dumps({"roots": sorted(gate.roots), **answer}))
"""


def _gated(checkpoint: Path, predicted: object, folder: Path) -> dict[str, object]:
    script = GATED.replace("PREDICTED", repr(predicted))
    done = checked(new_python("-c", script, str(checkpoint), cwd=folder))
    answer: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _globals(archive: zipfile.ZipFile, name: str) -> set[str]:
    opcodes = pickletools.genops(archive.read(name))
    return {str(argument).split(" ")[0] for opcode, argument, _ in opcodes if opcode.name == "GLOBAL"}


def test_gate_sees_exact_roots_and_what_it_returns_is_kept(nequip_checkpoint: Path, tmp_path: Path) -> None:
    answer = _gated(nequip_checkpoint, None, tmp_path)
    with zipfile.ZipFile(tmp_path / "gated.nequip.zip") as archive:
        names = [name.partition("/")[2] for name in archive.namelist()]
        externs = archive.read("archive/.data/extern_modules").decode().split()
        roots = {
            root
            for name in ("eager_model", "compile_model", "example_data")
            for root in _globals(archive, f"archive/model/{name}.pkl")
        }
        metadata = yaml.safe_load(archive.read("archive/model/package_metadata.txt"))
    assert set(answer["roots"]) == roots  # type: ignore[call-overload]
    collected = answer["collected"]
    assert isinstance(collected, dict)
    assert sorted(n for n, a in collected.items() if a == "extern") == sorted(externs)
    sources = {n.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for n in names if ".py" in n}
    assert {n for n, a in collected.items() if a in ("intern", "mock")} == sources - {"_mock"} - {
        n for n in sources if n.startswith(".data")
    }
    assert "openequivariance" in externs
    assert metadata["nequip_pack"]["lint"] == {"status": "clean", "allowed": ["NQ101:a.b"]}
    assert metadata["nequip_pack"]["closure"]["absent_externals"] == ["openequivariance"]

    predicted = {**collected, "some.dropped": "dropped", "absent.library": "absent"}
    again = _gated(nequip_checkpoint, predicted, tmp_path)
    assert again["collected"] == collected


def test_a_wrong_prediction_refuses_the_build(nequip_checkpoint: Path, tmp_path: Path) -> None:
    (tmp_path / "gated.nequip.zip").write_bytes(b"precious")
    answer = _gated(nequip_checkpoint, {"nequip.nn.graph_model": "extern", "no.such": "intern"}, tmp_path)
    details = str(answer["details"]).splitlines()
    assert "nequip.nn.graph_model: predicted extern, collected intern" in details
    assert "no.such: predicted intern, collected nothing" in details
    assert (tmp_path / "gated.nequip.zip").read_bytes() == b"precious"
    assert [path.name for path in tmp_path.iterdir()] == ["gated.nequip.zip"]


@pytest.mark.parametrize("suffix", ["xyz", "pt"])
def test_example_data_from_a_file(nequip_checkpoint: Path, tmp_path: Path, suffix: str) -> None:
    make = """
import sys, torch, ase.io, ase.build
atoms = ase.build.bulk("Cu", cubic=True).repeat(2)
atoms.rattle(0.05, seed=1)
ase.io.write("frame.xyz", atoms, format="extxyz")
from pathlib import Path
from types import SimpleNamespace
from nequip_pack.checkpoint.example import from_file
from nequip_pack.checkpoint.header import nequip_header, read_content
path = Path(sys.argv[1])
config = nequip_header(path, read_content(path)).info["data"]
model = SimpleNamespace(type_names=["Cu"], metadata={"r_max": "4.0"})
data = from_file(Path("frame.xyz"), config, model)
torch.save(dict(data), "frame.pt")
"""
    checked(python("-c", make, str(nequip_checkpoint), cwd=tmp_path))
    output = tmp_path / "m.nequip.zip"
    data = f"frame.{suffix}"
    checked(pack("build", nequip_checkpoint, output, "--example-data", data, cwd=tmp_path))
    script = "import sys, nequip_pack; d = nequip_pack.example_data(sys.argv[1]); print(*d['pos'].shape)"
    assert checked(python("-c", script, str(output), cwd=tmp_path)).stdout.split() == ["32", "3"]
