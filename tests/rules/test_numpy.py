"""Objects of numpy that models keep: which numpy loads their packages, and what NQ411 says of them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from textwrap import indent

import pytest
from wheels import Unreachable, fetch_wheel

from nequip_lint.engine.run import check
from nequip_lint.engine.selection import Selection
from nequip_lint.project.assemble import Request
from nequip_lint.tables import table

PROJECT = """\
[project]
name = "mypkg"
version = "1"
dependencies = ["torch", "numpy{allowed}"]

[tool.nequip-lint]
roots = ["mypkg.model:make"]
internal-packages = ["mypkg"]
extern-modules = ["numpy"]
"""
MODEL = """\
import functools
import math

import numpy as np
import torch
from mypkg.tables import CUTOFFS
from mypkg import tables


class Helper:
    def __init__(self, table, scale=np.float64(2.0)):
        self.table = table
        self.scale = scale


class Plain:
    def __init__(self, table):
        self.count = len(table)


def points(number):
    if number == 1:
        return np.zeros(1)
    return np.linspace(0.0, 1.0, number)


def roots(number):
    return points(number).tolist()


class Model(torch.nn.Module):
    def __init__(self, dim=4):
        super().__init__()
{body}

    def _points(self):
        return np.arange(3.0)

    def forward(self, x):
        return x


def make():
    return Model()
"""
TABLES = """\
import numpy as np

CUTOFFS = np.array([1.0, 2.0])
SCALED = np.arange(3) * 2.0
PLAIN = [1.0, 2.0]
"""
KEPT = {
    "array": [
        "self.x = np.array([1.0, 2.0])",
        "self.x = np.sqrt(dim)",
        "self.x = 2 * np.pi * np.sqrt(2)",
        "self.x = -np.arange(3).mean()",
        "self.x = {'H': 1.0, 'C': np.float64(2.0)}",
        "self.x = [np.zeros(2), torch.zeros(2)]",
        "self.x = list(np.arange(3))",
        "self.x = [float(np.pi), np.max([1, 2])]",
        "table = np.linspace(0, 1, 5)\nself.x = table[1:]",
        "table = np.linspace(0, 1, 5)\nself.x = table.reshape(5, 1).T",
        "self.x = torch.arange(3).numpy()",
        "self.x = torch.arange(3.0).detach().cpu().numpy()",
        "self.x = Helper(None)",
        "self.x = Helper(np.eye(3), 1.0)",
        "self.x = points(5)",
        "self.x = self._points()",
        "self.x = tables.CUTOFFS",
        "self.x = CUTOFFS",
        "self.x = tables.SCALED",
        "self.x = np.random.default_rng(0).normal(size=3)",
        "self.x = np.random.rand(3)",
        "self.x = np.linalg.norm(np.ones(3))",
        "self.x = np.prod((2, 3)) if dim > 3 else None",
        "setattr(self, 'x', np.ones(2))",
        "self.x, self.y = np.polynomial.legendre.leggauss(dim)",
        "self.x = np.pi * np.arange(3) / dim",
        "values, *_ = np.linalg.lstsq(np.eye(2), np.ones(2), rcond=None)\nself.x = values",
        "self.x = functools.partial(max, np.ones(2))",
        "self.log = {'rmse': []}\nself.log['rmse'].append(np.sqrt(2))",
        "self.x = tables.CUTOFFS[[0, 1]]",
    ],
    "random": [
        "self.x = np.random.default_rng(0)",
        "self.x = np.random.RandomState(0)",
        "self.x = np.random.Generator(np.random.PCG64(1))",
        "self.x = Helper(np.random.default_rng(0), 1.0)",
    ],
    "": [
        "self.x = float(np.sqrt(dim))",
        "self.x = np.array([1.0, 2.0]).tolist()",
        "self.x = np.arange(3).max().item()",
        "self.x = torch.from_numpy(np.arange(3.0))",
        "self.register_buffer('x', torch.as_tensor(np.arange(3.0)))",
        "self.x = torch.nn.Parameter(torch.tensor(np.sqrt(2)))",
        "self.x = np.zeros((2, 3)).shape",
        "self.x = np.dtype('float32')",
        "self.x = np.float32",
        "self.x = np.sqrt",
        "self.x = 2 * np.pi",
        "self.x = int(np.prod((2, 3)))",
        "self.x = round(np.sqrt(2))",
        "self.x = math.sqrt(dim)",
        "self.x = np.random.rand()",
        "self.x = np.random.default_rng(0).normal()",
        "self.x = np.allclose(np.ones(2), 1.0)",
        "self.x = tables.PLAIN",
        "self.x = roots(5)",
        "self.x = Plain(np.ones(3))",
        "self.x = len(points(5))",
        "self.x = np.sqrt(torch.ones(2))",
        "self.x = np.sqrt(2) * torch.ones(2)",
        "value = torch.ones(2)\nself.x = np.sqrt(2) * value",
        "self.x = np.array2string(np.ones(2))",
        "table = np.ones(3)\nself.x = table.size",
        "np.random.seed(0)\nself.x = 1",
        "self.x = np.ma.array([1.0, 2.0])",
        "self.x = np.ones(2)\nself.x = self.x.tolist()",
    ],
}
"""What a model keeps, below what numpy gives there; the last list is of what every numpy loads."""
EVERY = [(category, body) for category, bodies in KEPT.items() for body in bodies]
BUILD = """\
import sys, warnings
from torch.package import PackageExporter
warnings.simplefilter("ignore")
for folder in sys.argv[1:]:
    sys.path.insert(0, folder)
    for name in [name for name in sys.modules if name.partition(".")[0] == "mypkg"]:
        del sys.modules[name]
    from mypkg.model import make
    with PackageExporter(folder + "/model.pt") as exporter:
        exporter.intern("mypkg.**")
        exporter.extern(["torch.**", "numpy.**", "functools", "math", "sys", "io"])
        exporter.save_pickle("model", "model.pkl", make())
    sys.path.remove(folder)
"""
LOAD = """\
import json, sys, warnings
from torch.package import PackageImporter
warnings.simplefilter("ignore")
failed = {}
for folder in sys.argv[1:]:
    try:
        PackageImporter(folder + "/model.pt").load_pickle("model", "model.pkl")
    except Exception as error:
        failed[folder] = f"{type(error).__name__}: {error}"
print(json.dumps(failed))
"""


def _write(folder: Path, body: str, allowed: str = "") -> Path:
    package = folder / "mypkg"
    package.mkdir(parents=True)
    (folder / "pyproject.toml").write_text(PROJECT.format(allowed=allowed))
    (package / "__init__.py").write_text("")
    (package / "tables.py").write_text(TABLES)
    (package / "model.py").write_text(MODEL.format(body=indent(body, " " * 8)))
    return folder


def _codes(folder: Path) -> list[str]:
    found = check(Request((folder,), cache=False), Selection()).findings
    return [item.code for item in found if item.code == "NQ411"]


@pytest.mark.parametrize(("category", "body"), EVERY)
def test_what_older_releases_do_not_read_is_found(category: str, body: str, tmp_path: Path) -> None:
    assert bool(_codes(_write(tmp_path, body))) is bool(category)


@pytest.mark.parametrize(
    ("allowed", "category", "is_found"),
    [
        (">=2", "random", False),
        (">=2,<3", "array", False),
        (">=1.26.4", "array", False),
        (">=1.26.4", "random", True),
        (">=1.20", "array", True),
        ("<2", "array", False),
        (">=1.22,<2", "random", False),
        ("!=2.0.0", "array", True),
        ("~=2.1", "random", False),
    ],
)
def test_what_the_project_requires_is_taken_at_its_word(
    allowed: str, category: str, is_found: bool, tmp_path: Path
) -> None:
    assert bool(_codes(_write(tmp_path, KEPT[category][0], allowed))) is is_found


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A package of each model, by what it keeps."""
    top = tmp_path_factory.mktemp("numpy")
    folders = {body: _write(top / str(number), body) for number, (_, body) in enumerate(EVERY)}
    subprocess.run([sys.executable, "-c", BUILD, *map(str, folders.values())], check=True, cwd=top)
    return folders


@pytest.mark.real
def test_what_numpy_1_has_pickled_is_read_by_numpy_2(tmp_path: Path) -> None:
    folders = {body: _write(tmp_path / str(number), body) for number, (_, body) in enumerate(EVERY)}
    command = [sys.executable, "-c", BUILD, *map(str, folders.values())]
    subprocess.run(command, check=True, cwd=tmp_path, env={"PYTHONPATH": _release("1.25.2")})
    assert not _failed(folders)


def _release(numpy: str) -> str:
    """The folder with a release of numpy."""
    try:
        return str(fetch_wheel(f"numpy=={numpy}"))
    except Unreachable as error:
        pytest.skip(str(error))


def _failed(folders: dict[str, Path], numpy: str = "") -> set[str]:
    """What does not load with a release of numpy, or else with the one that is installed."""
    path = _release(numpy) if numpy else ""
    command = [sys.executable, "-c", LOAD, *map(str, folders.values())]
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, env={"PYTHONPATH": path}, cwd="/"
    )
    failed = json.loads(done.stdout)
    return {body for body, folder in folders.items() if str(folder) in failed}


@pytest.mark.real
def test_the_numpy_of_the_build_loads_all(built: dict[str, Path]) -> None:
    assert not _failed(built)


@pytest.mark.real
@pytest.mark.parametrize("numpy", ["1.25.2", "1.26.0", "1.26.1", "1.26.4"])
def test_older_releases_load_the_others(numpy: str, built: dict[str, Path]) -> None:
    """Whether this is so is said in `rules/numpy.toml`, for each release named there that is tried here."""
    from packaging.version import Version

    since = {category: Version(text) for category, text in table("numpy")["since"].items()}
    refused = {category for category, first in since.items() if Version(numpy) < first}
    assert _failed(built, numpy) == {body for category, body in EVERY if category in refused}
