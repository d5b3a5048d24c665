"""Which outputs of a model are compared, how they are stored, and what differences are allowed."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pack_support import checked, error_line, pack, python, rewrite
from plain_support import with_code

from nequip_pack.format import open_archive
from nequip_pack.format.references import Reference, read_references, sample

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nequip_pack.verify.report import OutputCheck

PROJECTS = Path(__file__).parents[1] / "data" / "projects"
MANIFEST = "model/manifest.json"
real = pytest.mark.real


def built(project: Path, module: str, name: str, data: str) -> Path:
    """Save a checkpoint of a class of the project and build its package there."""
    script = f"import torch, nequip_pack\nfrom {module} import {name}\ntorch.manual_seed(3)\n"
    script += f"nequip_pack.save_checkpoint({name}, 'm.ckpt', arguments={{}}, example_data={data})\n"
    checked(python("-c", script, cwd=project, env=with_code(project)))
    done = checked(pack("build", "m.ckpt", "m.nequip.zip", cwd=project, env=with_code(project)))
    (project / "said.txt").write_text(done.stdout)
    return project / "m.nequip.zip"


def answer(path: Path, code: int = 0) -> dict[str, Any]:
    """What ``verify --json`` says."""
    done = pack("verify", path, "--json", cwd=path.parent)
    assert done.returncode == code, done.stdout + done.stderr
    content: dict[str, Any] = json.loads(done.stdout, parse_constant=lambda word: pytest.fail(word))
    return content


def altered(package: Path, member: str, old: str, new: str) -> Path:
    """The package with other code and no manifest, under another name."""
    source = open_archive(package).read(member).decode()
    assert old in source
    files = {member: source.replace(old, new).encode(), MANIFEST: None}
    return rewrite(package, package.parent / "altered.nequip.zip", files)


@pytest.fixture(scope="module")
def spring(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of a model that names its outputs as other libraries do."""
    folder = tmp_path_factory.mktemp("spring")
    shutil.copytree(PROJECTS / "energy", folder, dirs_exist_ok=True)
    return built(folder, "spring.model", "Spring", "{'pos': torch.randn(4, 3)}")


@real
def test_every_output_counts_whatever_it_is_called(spring: Path) -> None:
    found = answer(spring)
    assert found["verified"] is True
    outputs = {item["name"]: item for item in found["outputs"]}
    assert sorted(outputs) == [f"sole_model.{n}" for n in ("charges", "energy", "forces", "node_energy")]
    energy = outputs["sole_model.energy"]
    assert (energy["dtype"], energy["shape"], energy["compared"]) == ("float32", [], "whole")
    assert energy["reference"] == energy["value"] != 0
    assert (energy["absolute"], energy["relative"], energy["status"]) == (0.0, 0.0, "passed")
    assert not any(item["intermediate"] for item in outputs.values())
    last = checked(pack("verify", spring, cwd=spring.parent)).stdout.splitlines()[-1]
    assert last == f"{spring}: verified: 4 of 4 outputs"
    last = checked(pack("verify", spring, "--physics", cwd=spring.parent)).stdout.splitlines()[-1]
    why = "not checked: physics (the model gives no total_energy)"
    assert last == f"{spring}: verified: 4 of 4 outputs; {why}"


@real
@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("self.shift + per_atom", "2 * self.shift + per_atom", "energy"),
        ('"node_energy": per_atom', '"node_energy": per_atom * 2', "node_energy"),
        ("pos[:, 0] - pos[:, 0].mean()", "pos[:, 1] - pos[:, 1].mean()", "charges"),
    ],
)
def test_one_that_is_wrong_is_seen(spring: Path, old: str, new: str, name: str) -> None:
    found = answer(altered(spring, "spring/model.py", old, new), code=1)
    assert found["verified"] is False
    failed = {item["name"]: item for item in found["outputs"] if item["status"] == "failed"}
    assert set(failed) == {f"sole_model.{name}"}
    (item,) = failed.values()
    assert item["absolute"] == pytest.approx(abs(item["reference"] - item["value"]))
    if name == "node_energy":
        assert item["relative"] == 1.0


KINDS = """
import dataclasses, math
import numpy, torch


@dataclasses.dataclass
class Result:
    energy: torch.Tensor
    stress: torch.Tensor


class Kinds(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.arange(6000.0) / 6000)

    def forward(self, data):
        x = data["x"]
        large = self.weight[:, None] * x[0]
        large[17, 1] = math.nan
        return {
            **data,
            "result": Result(x.sum(), x.T @ x),
            "parts": [x[0], (x[1], {"deep": x[2]})],
            "large": large,
            "padded": torch.where(x > 0, x, math.inf),
            "sparse": torch.eye(3).to_sparse() * x[0, 0],
            "wave": torch.complex(x, -x).conj(),
            "counts": (x > 0).sum(dim=1),
            "steps": 2**60 + 1,
            "half": x.half(),
            "array": x.detach().numpy()[0] * 2,
            "cutoff": 4.5,
            "nothing": None,
            "label": "kinds",
            "module": self.weight.new_empty(2, device="meta"),
        }
"""


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kinds")
    (folder / "kinds").mkdir()
    (folder / "kinds" / "__init__.py").write_text("")
    (folder / "kinds" / "model.py").write_text(KINDS)
    table = '[project]\nname = "kinds"\nversion = "1"\ndependencies = ["torch", "numpy"]\n'
    table += '[tool.nequip-lint]\nroots = ["kinds.model"]\nextern-modules = ["numpy"]\n'
    (folder / "pyproject.toml").write_text(table)
    return built(folder, "kinds.model", "Kinds", "{'x': torch.randn(5, 3)}")


@real
def test_all_that_is_numbers_is_compared_and_the_rest_is_said(kinds: Path) -> None:
    names = ("array", "counts", "cutoff", "half", "large", "padded", "parts.0", "parts.1.0", "parts.1.1.deep")
    names += ("result.energy", "result.stress", "sparse", "steps", "wave")
    references = read_references(open_archive(kinds))
    assert sorted(references) == sorted(f"sole_model.{name}" for name in names)
    assert references["sole_model.steps"].values == (2**60 + 1,)
    assert references["sole_model.wave"].shape == (5, 3, 2)
    assert references["sole_model.cutoff"] == Reference("float64", (), (4.5,))
    assert math.inf in references["sole_model.padded"].values
    large = references["sole_model.large"]
    assert (len(large.values), large.odd, large.whole) == (4096, 1, False)
    assert large.norm is not None
    assert (
        "not compared: sole_model.label (it is of the type str, not a tensor)"
        in (kinds.parent / "said.txt").read_text()
    )

    found = answer(kinds)
    assert found["verified"] is False
    left = {item["name"]: item["detail"] for item in found["outputs"] if item["status"] == "not checked"}
    assert list(left) == ["sole_model.label", "sole_model.module"]
    compared = {item["name"]: item["compared"] for item in found["outputs"]}
    assert compared["sole_model.large"] == "sample"
    done = checked(pack("verify", kinds, cwd=kinds.parent))
    last = done.stdout.splitlines()[-1]
    assert last.startswith(
        f"{kinds}: 14 of 16 outputs compared; not compared: sole_model.label (it is of the"
    )
    assert "verified" not in last


@real
def test_what_changes_is_seen_in_every_kind(kinds: Path) -> None:
    changes = {
        "large": ("large[17, 1] = math.nan", "large[17, 1] = math.nan\n        large[5000:, 2] *= 1.5"),
        "padded": ("torch.where(x > 0, x, math.inf)", "torch.where(x > 0, x, -math.inf)"),
        "steps": ("2**60 + 1", "2**60 + 2"),
        "counts": ("(x > 0).sum(dim=1)", "(x > 0).sum(dim=1) + 1"),
        "wave": (".conj()", ""),
        "result.stress": ("x.T @ x)", "2 * (x.T @ x))"),
        "half": ('"half": x.half()', '"half": x'),
        "parts.1.1.deep": ('{"deep": x[2]}', "{}"),
    }
    source = open_archive(kinds).read("kinds/model.py").decode()
    for old, new in changes.values():
        assert old in source
        source = source.replace(old, new)
    files = {"kinds/model.py": source.encode(), MANIFEST: None}
    path = rewrite(kinds, kinds.parent / "other.nequip.zip", files)
    found = answer(path, code=1)
    failed = {item["name"]: item for item in found["outputs"] if item["status"] == "failed"}
    assert set(failed) == {f"sole_model.{name}" for name in changes}
    assert failed["sole_model.result.stress"]["relative"] == pytest.approx(1.0)
    assert failed["sole_model.padded"]["reference"] is None
    assert "does not give this output" in failed["sole_model.parts.1.1.deep"]["detail"]
    line = error_line(pack("verify", path, cwd=path.parent), 1)
    assert line.startswith(f"{path}: the package failed: sole_model.counts, sole_model.half")


def test_a_sample_is_spread_over_all() -> None:
    assert list(sample(4, 5)) == [0, 1, 2, 3]
    for size in (4097, 6000, 3 * 2**20, 4096 * 12, 65537):
        indices = sample(size, 4096)
        assert len(set(indices)) == 4096
        assert 0 <= min(indices) <= max(indices) < size
        for width in (2, 3, 4, 9):
            if size % width == 0:
                counts = [sum(index % width == column for index in indices) for column in range(width)]
                assert max(counts) - min(counts) <= 1
        tenths = [sum(index * 10 // size == tenth for index in indices) for tenth in range(10)]
        assert min(tenths) > 300


def _compare(reference: Mapping[str, Any], found: Mapping[str, Any], dtype: str) -> dict[str, OutputCheck]:
    """What a verification says of some tensors, the references as a build stores them."""
    from nequip_pack.export.references import references
    from nequip_pack.load.outputs import Outputs
    from nequip_pack.verify.outputs import compare

    known = references(Outputs(dict(reference), {}, {"m.node_x"}))
    return {item.name: item for item in compare(known, Outputs(dict(found), {}, set()), dtype)}


@real
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_zero_by_symmetry(dtype: str) -> None:
    """Forces in a perfect crystal and shears of its stress are rounding: another rounding is as good."""
    import torch

    print("seed 5")
    torch.manual_seed(5)
    eps = torch.finfo(getattr(torch, dtype)).eps
    energy, noise = torch.tensor([[-57.3]], dtype=torch.float64), 3 * eps * torch.randn(8, 3).double()
    stress = 0.02 * torch.eye(3).double()
    before = {"m.total_energy": energy, "m.forces": noise, "m.stress": stress}
    after = {**before, "m.forces": -2 * noise, "m.stress": stress + 1e-3 * noise[:3]}
    found = _compare(before, after, dtype)
    assert {item.status for item in found.values()} == {"passed"}
    zero = {**before, "m.forces": torch.zeros(8, 3).double()}
    assert {item.status for item in _compare(zero, after, dtype).values()} == {"passed"}
    after["m.forces"] = noise + 1e-3
    assert _compare(before, after, dtype)["m.forces"].status == "failed"


@real
def test_a_difference_is_relative_to_the_largest_number_of_its_output() -> None:
    """Small outputs beside large ones, in whatever unit."""
    import torch

    print("seed 6")
    torch.manual_seed(6)
    before = {
        "m.energy": torch.tensor(-1000.0).double(),
        "m.forces": torch.randn(5, 3).double(),
        "m.charges": 1e-4 * torch.randn(5).double(),
        "m.dipole": 1e-30 * torch.randn(3).double(),
        "m.node_x": torch.randn(700).double(),
    }
    found = _compare(before, {name: 2 * value for name, value in before.items()}, "float64")
    for name in ("m.energy", "m.forces", "m.charges"):
        assert (found[name].relative, found[name].status) == (1.0, "failed")
    assert found["m.dipole"].status == "passed"  # far below the rounding of such an energy
    assert found["m.node_x"].status == "warning"
    assert found["m.node_x"].compared == "sample"
    only = {"m.dipole": before["m.dipole"]}
    (item,) = _compare(only, {"m.dipole": 2 * before["m.dipole"]}, "float64").values()
    assert (item.relative, item.status) == (1.0, "failed")


@real
def test_rounding_of_a_large_energy_excuses_no_force_that_is_not_zero() -> None:
    import torch

    before = {"m.energy": torch.tensor(-1e4), "m.forces": torch.tensor([[0.5, 0.0, 0.0]])}
    found = _compare(before, {**before, "m.forces": before["m.forces"] + 0.01}, "float32")
    assert found["m.forces"].status == "failed"
    assert found["m.forces"].relative == pytest.approx(0.02)


@real
@pytest.mark.parametrize(
    ("gap", "dtype", "status", "words"),
    [
        (0.0, "float64", "passed", "bitwise equal"),
        (1e-12, "float64", "passed", "'same architecture'"),
        (1e-10, "float64", "passed", "'other device'"),
        (1e-7, "float64", "failed", "off by"),
        (1e-6, "float32", "passed", "'same architecture'"),
        (1e-4, "float32", "passed", "'other device'"),
        (1e-1, "float32", "failed", "off by"),
        (float("nan"), "float32", "failed", "2 of its numbers are not finite, 0 in the reference"),
    ],
)
def test_classes_of_differences(gap: float, dtype: str, status: str, words: str) -> None:
    import torch

    expected = torch.tensor([2.0, -4.0], dtype=torch.float64)
    found = _compare({"m.x": expected}, {"m.x": expected + gap}, dtype)["m.x"]
    assert (found.status, words in found.detail) == (status, True), found


@real
def test_outputs_that_are_not_there_or_not_known() -> None:
    import torch

    one = {"m.x": torch.ones(2), "m.node_x": torch.ones(2)}
    found = _compare(one, {"m.y": torch.ones(2)}, "float32")
    assert {name: item.status for name, item in found.items()} == {
        "m.x": "failed",
        "m.node_x": "warning",
        "m.y": "not checked",
    }


@real
def test_what_lies_outside_of_the_sample_is_in_the_norm() -> None:
    import torch

    before = torch.ones(10_000).double()
    outside = sorted(set(range(10_000)) - set(sample(10_000, 4096)))
    moved, odd = before.clone(), before.clone()
    moved[outside] = 1.01
    odd[outside[0]] = math.nan
    found = _compare({"m.x": before}, {"m.x": moved}, "float64")["m.x"]
    assert (found.status, found.absolute) == ("failed", 0.0)
    assert found.relative == pytest.approx(0.006, rel=0.05)
    lost = _compare({"m.x": before}, {"m.x": odd}, "float64")["m.x"]
    assert (lost.status, lost.absolute) == ("failed", math.inf)
    assert _compare({"m.x": odd}, {"m.x": odd}, "float64")["m.x"].status == "passed"


def _given(result: Mapping[Any, Any]) -> Any:
    """The outputs of a model that gives this."""
    import torch

    from nequip_pack.load.outputs import outputs

    class Gives(torch.nn.Module):
        def forward(self, value: Any) -> Any:
            return result

    return outputs(torch.nn.ModuleDict({"m": Gives()}), torch.zeros(1))


@real
def test_outputs_of_one_name_are_not_compared() -> None:
    import torch

    one, other = torch.ones(1), torch.zeros(1)
    found = _given({"a.b": one, "a": {"b": other}, 1: one, "1": other, "c": one})
    assert found.tensors.keys() == {"m.c"}
    assert found.left_out == dict.fromkeys(("m.a.b", "m.1"), "several outputs have this name")


@real
def test_an_output_that_is_never_finite_shows_nothing() -> None:
    import torch

    from nequip_pack.export.references import references
    from nequip_pack.verify.outputs import compare

    found = _given({"energy": torch.tensor([math.nan]), "forces": torch.tensor([1.0, math.inf])})
    assert found.without_numbers() == {"m.energy": "none of its numbers is finite"}
    energy, forces = compare(references(found), found, "float32")
    assert (energy.status, energy.detail) == ("not checked", "none of its numbers is finite")
    assert forces.status == "passed"
