"""Source lint, gate, dry run, closure and lint of the finished package give one verdict, module by module."""

from __future__ import annotations

import json
import os
import re
import textwrap
from typing import TYPE_CHECKING, NamedTuple

import pytest
from closures import written
from pack_support import checked, python

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

pytestmark = pytest.mark.real

SETTINGS = """\
[project]
name = "mypkg"
version = "0.1.0"
dependencies = ["torch"{}]

[tool.nequip-lint]
roots = ["mypkg.model"]
{}
"""
TRACED = """
    import torch
    import torch.fx

    try:
        import cuequivariance
    except ImportError:
        cuequivariance = None


    class Twice(torch.nn.Module):
        def forward(self, x):
            return 2 * x


    class Model(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.traced = torch.fx.symbolic_trace(Twice())

        def forward(self, x):
            return self.traced(x)
"""
MODEL = """
    import torch
    {}


    class Model(torch.nn.Module):
        def forward(self, x):
            return {} * x
"""
LOGGED = MODEL.format("", 2) + "\n\n    def log(x):\n        import wandb\n\n        wandb.log(x)\n"
DATA = """
    import os

    with open(os.path.join(os.path.dirname(__file__), "scale.txt")) as f:
        SCALE = float(f.read())
"""
OPTIONAL = """
    try:
        from lib.fast import factor
    except ImportError:
        factor = 2.0
"""
FIELDS = """
    from __future__ import annotations
    from dataclasses import dataclass


    @dataclass
    class Options:
        scale: float = 2.0
"""
ABOVE = MODEL.format("import numpy\n    import numpy.linalg", "float(numpy.sqrt(4.0))")


class Case(NamedTuple):
    """A project: its model, settings, installed library, and the codes that source lint and gate give."""

    model: str
    settings: str
    lib: dict[str, str]
    codes: set[str]


LIB = 'internal-packages = ["lib"]'
CASES = {
    "what only pickles name": Case(TRACED, 'extern-modules = ["cuequivariance"]', {}, set()),
    "a mock that is not installed": Case(LOGGED, 'mock-modules = ["wandb"]', {}, set()),
    "an installed data file": Case(
        MODEL.format("from lib.consts import SCALE", "SCALE"),
        LIB,
        {"consts.py": DATA, "scale.txt": "3.0"},
        {"NQ302"},
    ),
    "an installed optional import": Case(
        MODEL.format("from lib.core import factor", "factor"),
        f'{LIB}\nextern-modules = ["warp"]',
        {"core.py": OPTIONAL, "fast.py": "import warp\n\nfactor = warp.factor()\n"},
        {"NQ101"},
    ),
    "an installed dataclass": Case(
        MODEL.format("from lib.options import Options", "Options().scale"),
        LIB,
        {"options.py": FIELDS},
        {"NQ305"},
    ),
}


class Place(NamedTuple):
    """A project with a checkpoint `m.ckpt`, and the folder in which its library is installed."""

    project: Path
    site: Path

    def run(self, module: str, *words: object) -> subprocess.CompletedProcess[str]:
        """Run a command where the model and its library can be imported."""
        path = os.pathsep.join(map(str, self))
        words = tuple(map(str, words))
        return python("-m", module, *words, cwd=self.project, env={**os.environ, "PYTHONPATH": path})

    def closure(self, *words: object) -> dict[str, str]:
        """What `nequip-lint closure` says of each module."""
        done = checked(self.run("nequip_lint", "closure", "--json", *words))
        found = json.loads(done.stdout)
        return {name: entry["action"] for name, entry in found["modules"].items()}


def _made(folder: Path, case: Case) -> Place:
    files = {
        "project/pyproject.toml": SETTINGS.format(', "lib"' if case.lib else ', "numpy"', case.settings),
        "project/mypkg/__init__.py": "",
        "project/mypkg/model.py": case.model,
        **{f"site/lib/{name}": text for name, text in case.lib.items()},
    }
    if case.lib:
        files["site/lib/__init__.py"] = ""
        files["site/lib-1.0.dist-info/METADATA"] = "Name: lib\nVersion: 1.0\n"
        files["site/lib-1.0.dist-info/top_level.txt"] = "lib\n"
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(textwrap.dedent(text))
    place = Place(folder / "project", folder / "site")
    place.site.mkdir(exist_ok=True)
    saved = "nequip_pack.save_checkpoint(Model, 'm.ckpt', arguments={}, example_data=torch.ones(2, 3))"
    script = f"import torch, nequip_pack\nfrom mypkg.model import Model\n{saved}\n"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, place))}
    checked(python("-c", script, cwd=place.project, env=environment))
    return place


def listed(shown: str) -> dict[str, str]:
    """The action of each module that a dry run shows."""
    found: dict[str, str] = {}
    action = ""
    for line in shown.splitlines():
        heading = re.fullmatch(r"(\w+): \d+", line)
        if heading is not None:
            action = heading[1]
        elif action and line.startswith("  "):
            found[line.split()[0]] = action
    return found


def codes(shown: str) -> set[str]:
    """The codes of the errors that a command shows."""
    return set(re.findall(r"error (NQ\d{3}) ", shown))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_all_five_agree(tmp_path: Path, case: Case) -> None:
    place = _made(tmp_path, case)
    source = place.closure("--environment", place.site, place.project)
    exact = place.closure("--checkpoint", "m.ckpt", place.project)
    drawn = place.run("nequip_lint", "closure", "--format", "tree", "--checkpoint", "m.ckpt", place.project)
    assert set(re.findall(r"[\w.-]+", drawn.stdout)) >= exact.keys()
    dry = place.run("nequip_pack", "build", "--dry-run", "m.ckpt", "--source", place.project)
    assert listed(dry.stdout) == exact
    only_pickled = exact.keys() - source.keys()
    assert {name: exact[name] for name in source} == source
    assert all(name.startswith("fx-generated.") or exact[name] == "extern" for name in only_pickled)

    linted = place.run("nequip_lint", "--environment", place.site, "--no-cache", place.project)
    assert codes(linted.stdout) == codes(dry.stderr) == case.codes
    built = place.run("nequip_pack", "build", "m.ckpt", "m.nequip.zip", "--source", place.project)
    assert built.returncode == dry.returncode == linted.returncode == bool(case.codes), built.stderr
    if not case.codes:
        archived = written(place.project / "m.nequip.zip")
        kept = {name: action for name, action in exact.items() if action in ("intern", "extern", "mock")}
        assert archived == kept
        checked(place.run("nequip_lint", "m.nequip.zip"))


def test_a_mock_below_an_external_library(tmp_path: Path) -> None:
    """torch.package writes such a package, and no importer opens it."""
    settings = 'extern-modules = ["numpy"]\nmock-modules = ["numpy.linalg"]'
    place = _made(tmp_path, Case(ABOVE, settings, {}, {"NQ205"}))
    refused = place.run("nequip_pack", "build", "m.ckpt", "m.nequip.zip", "--source", place.project)
    assert (refused.returncode, codes(refused.stderr)) == (1, {"NQ205"})
    assert "numpy.linalg is mocked, but numpy above it is external" in refused.stderr
    assert "--allow" not in refused.stderr
    ungated = place.run("nequip_pack", "build", "m.ckpt", "m.nequip.zip", "--no-lint")
    assert ungated.returncode == 1
    assert "is a subpackage of a module marked external" in ungated.stderr


def test_one_finding_and_no_allowance_where_torch_refuses(tmp_path: Path) -> None:
    lib = {"__init__.py": "", "core.py": "import yaml\n\nfactor = 2.0\n"}
    place = _made(tmp_path, Case(MODEL.format("from lib.core import factor", "factor"), LIB, lib, {"NQ201"}))
    refused = place.run("nequip_pack", "build", "m.ckpt", "m.nequip.zip", "--source", place.project)
    assert refused.returncode == 1
    assert refused.stderr.count("error NQ") == 1, refused.stderr
    assert "--allow" not in refused.stderr


def test_a_checkpoint_and_what_is_for_source(tmp_path: Path) -> None:
    (tmp_path / "a.ckpt").write_text("no checkpoint")
    for words, part in (
        (["a.ckpt"], "a text file"),
        (["b.ckpt"], "b.ckpt"),
        (["a.ckpt", "--absent", "numpy"], "--absent is for a prediction from source"),
        (["a.ckpt", "--packager", "torch"], "--packager is for a prediction from source"),
        (["a.ckpt", "--config-name", "train"], "--config-name is for a prediction from source"),
        (["a.ckpt", "b.nequip.zip"], "b.nequip.zip is a package; ask about it and about --checkpoint in two"),
    ):
        done = python("-m", "nequip_lint", "closure", "--checkpoint", *words, cwd=tmp_path)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
        assert part in done.stderr


def test_a_checkpoint_where_the_packager_lacks_torch(tmp_path: Path) -> None:
    hidden = "import sys\nsys.modules['torch'] = None\nfrom nequip_lint.cli import main\n"
    script = f"{hidden}main(['closure', '--checkpoint', {str(_plain(tmp_path))!r}])"
    done = python("-c", script, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "the checkpoint needs torch, which cannot be imported here; run `pip install torch`" in done.stderr


def _plain(folder: Path) -> Path:
    return _made(folder, Case(LOGGED, "", {}, set())).project / "m.ckpt"
