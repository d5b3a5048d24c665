"""The steps of a model's life that the proof of a package goes through, each with hazards and look-alikes."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import tomllib
from pack_support import checked, python
from plain_support import with_code

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.real

DATA = Path(__file__).parents[1] / "data"
CASES: list[dict[str, Any]] = tomllib.loads((DATA / "life.toml").read_text(encoding="utf-8"))["case"]
STEPS = ("second forward", "deepcopy", "second load", "first model after the second load", "larger structure")
FURTHER = ("repackaging", "load beside the installed source")
PROJECT = {
    "pyproject.toml": """
[project]
name = "mypkg"
version = "1"
dependencies = ["torch", "nequip-pack"]

[tool.nequip-lint]
extern-modules = ["omegaconf", "sys"]
""",
    "mypkg/__init__.py": """
import nequip_pack

nequip_pack.register_packaging_mode("both", lambda: ["eager", "fast"])
""",
    "mypkg/tools.py": "def twice(x):\n    return 2 * x\n",
    "mypkg/parts.py": "import torch\n\n\nclass Part(torch.nn.Identity):\n    pass\n",
}
BUILD = """
import json, sys
from pathlib import Path
from nequip_pack import start
from nequip_pack.errors import Refused
from nequip_pack.export.pipeline import prepare, write_package
from nequip_pack.export.proof import BUILD
from nequip_pack.gate import LintGate
from nequip_pack.gate.hooks import BuildContext
from nequip_pack.rewrite.again import whole_life
from nequip_pack.writing.publication import publishing
begun = start.now()
checkpoint, data, mode, whole, compiled = json.loads(sys.argv[1])
SAVE
extent = whole_life(compiled=compiled) if whole else BUILD
context = BuildContext(Path(checkpoint), Path("m.nequip.zip"), lint=False)
try:
    with publishing(context.output) as publication:
        prepared = prepare(context, mode, None, LintGate(), print)
        built = write_package(prepared, LintGate(), begun, publication, print, extent=extent)
except Refused as error:
    answer = {"error": str(error), "details": error.details}
else:
    answer = {"life": [[step.name, step.status, step.line] for step in built.proof.life]}
print(json.dumps(answer))
"""
SAVE = """
import torch, nequip_pack
import mypkg.model as model
x = torch.ones(2, 3)
atoms = {
    "pos": torch.tensor([[0.0, 0.0, 0.0], [1.1, 0.9, 1.0]]),
    "cell": 2 * torch.eye(3).reshape(1, 3, 3),
    "edge_index": torch.tensor([[0, 1, 0, 1], [1, 0, 1, 0]]),
    "edge_cell_shift": torch.tensor([[0.0, 0, 0], [0, 0, 0], [-1, 0, 0], [1, 0, 0]]),
}
make = getattr(model, "make", None) or model.Model
nequip_pack.save_checkpoint(make, checkpoint, arguments={}, example_data=atoms if data == "atoms" else x)
"""


@dataclass(frozen=True, slots=True)
class Life:
    """What became of a build."""

    error: str = ""
    details: str = ""
    life: tuple[tuple[str, str, str], ...] = ()

    def ended(self, status: str) -> dict[str, str]:
        """The steps that ended so, and what is said of them."""
        return {name: line for name, found, line in self.life if found == status}

    @property
    def failed(self) -> list[str]:
        """The steps that failed."""
        first = self.error.partition("at a later step of its life: ")[2].partition(" (")[0]
        return [first, *(line.partition(": ")[0] for line in self.details.splitlines())] if first else []


def lived(
    folder: Path, files: Mapping[str, str], data: str = "x", mode: str | None = None, *, whole: bool = True
) -> Life:
    """Build a plain checkpoint of ``mypkg.model`` with the proof of a rehearsal, or of a build."""
    for name, text in {**PROJECT, **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    script, environment = BUILD.replace("SAVE", SAVE), with_code(folder)
    return _built(script, ["m.ckpt", data, mode, whole, mode is not None], folder, env=environment)


def _built(script: str, words: list[Any], folder: Path, **options: Any) -> Life:
    done = checked(python("-c", script, json.dumps(words), cwd=folder, **options))
    answer = json.loads(done.stdout.splitlines()[-1])
    assert (folder / "m.nequip.zip").exists() == ("life" in answer)
    return Life(**{**answer, "life": tuple(map(tuple, answer.get("life", ())))})


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_step(case: Mapping[str, Any], tmp_path: Path) -> None:
    """A hazard is told with file, line and rule, and only at its steps; a look-alike is let through."""
    model = case["model"]
    mode = case.get("mode")
    steps = [*(name for name in [case.get("step")] if name), *case.get("also", ())]
    whole = mode is not None or bool(set(FURTHER) & set(steps))
    found = lived(tmp_path, {"mypkg/model.py": model}, case.get("data", "x"), mode, whole=whole)
    if case["status"] == "failed":
        assert sorted(found.failed) == sorted(steps), found
        said = found.error
    else:
        assert found.error == "", found.details
        assert sorted(found.ended("warning")) == sorted(steps), found
        said = found.ended("warning").get(case.get("step", ""), "")
    assert case.get("says", "") in said
    marked = [n for n, line in enumerate(model.splitlines(), 1) if line.endswith("# here")]
    assert [f"at mypkg/model.py:{line}" in said for line in marked] == [True] * len(marked), said
    assert ("`nequip-lint rule " in said) == ("rule" in case), said
    assert f"`nequip-lint rule {case.get('rule', '')}" in said or "rule" not in case


def labelled(name: str) -> dict[str, str]:
    """The files of one of the labelled experiments."""
    case = json.loads((DATA / "cases" / f"{name}.json").read_text(encoding="utf-8"))
    return {file: text for file, text in case["files"].items() if file != "mypkg/__init__.py"}


ONCE = {
    "64a_torchlib_DEF": ("mypkg/model.py:2", "NQ303"),
    "64b_torchlib_FRAGMENT": ("mypkg/model.py:3", "NQ303"),
    "66af_reg_dynamo_backend": ("mypkg/model.py:2", "NQ308"),
    "66ai_reg_mp_start": ("mypkg/model.py:2", "NQ308"),
    "66aj_reg_interop_threads": ("mypkg/model.py:2", "NQ308"),
    "66bl_reg_resolver": ("mypkg/model.py:2", "NQ308"),
}


@pytest.mark.parametrize("name", ONCE)
def test_what_a_process_accepts_once(name: str, tmp_path: Path) -> None:
    """The labelled experiments that load once, and not a second time."""
    place, rule = ONCE[name]
    found = lived(tmp_path, labelled(name), whole=name == "64a_torchlib_DEF")
    assert found.failed == ["second load", *(FURTHER if name == "64a_torchlib_DEF" else ())]
    assert f"at {place}); `nequip-lint rule {rule}` tells what to do; nothing was written" in found.error


@pytest.mark.parametrize("name", ["64f_torchlib_guarded_hasattr", "66ac_reg_pytree_dataclass"])
def test_what_may_be_registered_again(name: str, tmp_path: Path) -> None:
    """And those that look like them; what was not tried is told as that."""
    found = lived(tmp_path, labelled(name), whole=False)
    assert tuple(found.ended("passed")) == STEPS[:-1]
    assert found.ended("skipped") == {
        "larger structure": "larger structure: the example data has no pos and edge_index",
        **{name: f"{name}: only `rehearse` runs this" for name in FURTHER},
    }


CRASH = """
import ctypes

import torch


class Model(torch.nn.Module):
    def __deepcopy__(self, memo):
        return ctypes.string_at(0)

    def forward(self, x):
        return x + 1
"""


def test_a_step_that_ends_the_process(tmp_path: Path) -> None:
    found = lived(tmp_path, {"mypkg/model.py": CRASH}, whole=False)
    assert "(the process ended with status -11 in its deepcopy, at mypkg/model.py:9);" in found.error


def test_the_first_load_names_a_rule_too(tmp_path: Path) -> None:
    found = lived(tmp_path, labelled("56b_dataclass_future_name"), whole=False)
    assert "it does not load and run in a fresh process (" in found.error
    assert "; `nequip-lint rule NQ305` tells what to do; nothing was written" in found.error


def test_a_model_of_nequip(nequip_checkpoint: Path, tmp_path: Path) -> None:
    """It passes everything; what compiles is not run unless it is asked for."""
    words = [str(nequip_checkpoint), "", None, True, False]
    found = _built(BUILD.replace("SAVE", ""), words, tmp_path)
    assert tuple(found.ended("passed")) == (*STEPS, *FURTHER), found
    assert found.ended("skipped") == {
        "compile model": "compile model: it would compile; `rehearse --compile` runs it",
        "forward on the GPU": "forward on the GPU: this machine has none",
    }


@pytest.mark.slow
def test_a_compiled_model_of_nequip(nequip_checkpoint: Path, tmp_path: Path) -> None:
    """It is compiled for batches, gives the same numbers, and needs a compiler."""
    words = [str(nequip_checkpoint), "", None, True, True]
    script = BUILD.replace("SAVE", "")
    found = _built(script, words, tmp_path)
    assert "compile model" in found.ended("passed"), found
    found = _built(script, words, tmp_path, env={**os.environ, "CXX": "no-such-compiler"})
    assert found.ended("skipped")["compile model"] == "compile model: torch finds no C++ compiler here"
