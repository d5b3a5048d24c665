"""Registrations: which run, which cover what is packaged, which conflict, in every shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lint_support import write

from nequip_lint.engine.run import check
from nequip_lint.engine.selection import Selection
from nequip_lint.project.assemble import Request

if TYPE_CHECKING:
    from pathlib import Path

PROJECT = """\
[project]
name = "mypkg"
version = "1"
dependencies = ["nequip>=0.19", "torch", "fastops", "scikit-learn"]

[project.entry-points."nequip.extension"]
init_always = "mypkg"

[tool.nequip-lint]
roots = ["mypkg.model"]
"""
IMPORT = "from nequip.scripts._package_utils import register_libraries_as_external_for_packaging as reg\n"


def codes(folder: Path, registration: str, model: str = "import fastops\n", init: str = "from . import _r\n"):
    files = {
        "pyproject.toml": PROJECT,
        "mypkg/__init__.py": init,
        "mypkg/_r.py": registration,
        "mypkg/model.py": model,
    }
    report = check(Request((write(folder, files),)), Selection())
    return [(finding.code, finding.path.rpartition("/")[2]) for finding in report.findings]


@pytest.mark.parametrize(
    "call",
    [
        "reg(extern_modules=['fastops'])\n",
        "reg(['fastops'])\n",
        "reg(extern_modules=('fastops',))\n",
        "reg(extern_modules={'fastops'})\n",
        "reg(mock_modules=['fastops'])\n",
        "reg(None, ['fastops'])\n",
        "NAMES = ['fastops']\nreg(extern_modules=NAMES)\n",
        "def register():\n    reg(['fastops'])\n\n\nregister()\n",
        "try:\n    reg(['fastops'])\nexcept ImportError:\n    pass\n",
        "import torch\n\nif torch.cuda.is_available():\n    reg(['fastops'])\nelse:\n    reg(['fastops'])\n",
        "from importlib.util import find_spec\n\nif find_spec('fastops'):\n    reg(['fastops'])\n",
    ],
)
def test_registrations_in_force(call: str, tmp_path: Path) -> None:
    assert codes(tmp_path, IMPORT + call) == []


def test_a_registration_in_a_function_of_another_module(tmp_path: Path) -> None:
    registration = f"{IMPORT}\n\ndef register():\n    reg(['fastops'])\n"
    init = "from ._r import register\n\nregister()\n"
    assert codes(tmp_path, registration, init=init) == []
    assert codes(tmp_path, registration, init="from ._r import register\n") == [("NQ207", "_r.py")]


def test_the_function_under_its_own_name_and_as_an_attribute(tmp_path: Path) -> None:
    name = "register_libraries_as_external_for_packaging"
    module = "nequip.scripts._package_utils"
    assert codes(tmp_path, f"from {module} import {name}\n{name}(['fastops'])\n") == []
    assert codes(tmp_path, f"from nequip.scripts import _package_utils as u\nu.{name}(['fastops'])\n") == []


@pytest.mark.parametrize(
    ("call", "init"),
    [
        ("reg(['fastops'])\n", ""),
        ("def register():\n    reg(['fastops'])\n", "from . import _r\n"),
        ("import torch\n\nif torch.cuda.is_available():\n    reg(['fastops'])\n", "from . import _r\n"),
    ],
)
def test_registrations_that_do_not_run(call: str, init: str, tmp_path: Path) -> None:
    assert codes(tmp_path, IMPORT + call, init=init) == [("NQ207", "_r.py")]


OLD = "from nequip.model.saved_models.package import register_libraries_as_external_for_packaging as reg\n"


def test_the_place_of_the_function_before_nequip_0_12(tmp_path: Path) -> None:
    hidden = f"try:\n    {OLD}    reg(['fastops'])\nexcept ImportError:\n    pass\n"
    both = f"try:\n    {IMPORT}except ImportError:\n    {OLD}\nreg(['fastops'])\n"
    assert codes(tmp_path, hidden) == [("NQ207", "_r.py")]
    assert codes(tmp_path, both) == []


def test_a_registration_that_is_not_needed_may_not_run(tmp_path: Path) -> None:
    assert codes(tmp_path, IMPORT + "reg(['fastops'])\n", model="import torch\n", init="") == []


@pytest.mark.parametrize(
    ("call", "model"),
    [
        ("reg(extern_modules='fastops')\n", "import fastops\n"),
        ("reg(['fastops.*'])\n", "import fastops\n"),
        ("reg(['fastops.core'])\n", "import fastops\n"),
        ("reg(['scikit-learn'])\n", "import sklearn\n"),
        ("reg(mock_modules=['scikit-learn'])\n", "import sklearn\n"),
        ("reg(['scikit_learn'])\n", "import sklearn\n"),
    ],
)
def test_malformed_registrations(call: str, model: str, tmp_path: Path) -> None:
    assert codes(tmp_path, IMPORT + call, model=model) == [("NQ206", "_r.py")]


def test_a_pattern_for_all_submodules_registers_the_library(tmp_path: Path) -> None:
    assert codes(tmp_path, IMPORT + "reg(['fastops.**'])\n", model="import fastops\n") == []


def test_a_submodule_may_be_registered_alone(tmp_path: Path) -> None:
    assert codes(tmp_path, IMPORT + "reg(['fastops.core'])\n", model="import fastops.core\n") == []


@pytest.mark.parametrize(
    "calls",
    [
        "reg(['fastops'])\nreg(mock_modules=['fastops'])\n",
        "reg(['fastops'], ['fastops'])\n",
    ],
)
def test_extern_and_mock(calls: str, tmp_path: Path) -> None:
    assert codes(tmp_path, IMPORT + calls) == [("NQ205", "_r.py")]


@pytest.mark.parametrize("name", ["mypkg", "nequip", "e3nn", "mypkg.layers"])
def test_extern_and_packaged(name: str, tmp_path: Path) -> None:
    write(tmp_path, {"mypkg/layers.py": ""})
    model = "import mypkg.layers\nimport nequip.nn\nimport e3nn.util\n"
    assert ("NQ205", "_r.py") in codes(tmp_path, IMPORT + f"reg(['{name}'])\n", model=model)


def test_a_compiled_module_of_the_project_may_be_extern(tmp_path: Path) -> None:
    write(tmp_path, {"mypkg/_ops.so": ""})
    assert codes(tmp_path, IMPORT + "reg(['mypkg._ops'])\n", model="import mypkg._ops\n") == []
    assert codes(tmp_path, "", model="import mypkg._ops\n") == [("NQ209", "model.py")]


def test_an_own_submodule_may_be_mocked(tmp_path: Path) -> None:
    write(tmp_path, {"mypkg/plots.py": "import matplotlib\n"})
    assert codes(tmp_path, IMPORT + "reg(mock_modules=['mypkg.plots'])\n", model="import mypkg.plots\n") == []


def test_a_registration_without_use(tmp_path: Path) -> None:
    call = IMPORT + "reg(['fastops', 'slowops'])\n"
    assert codes(tmp_path, call) == [("NQ003", "_r.py")]
    assert codes(tmp_path, call, model="import fastops\n\ndef f():\n    import slowops\n") == []


def test_modules_without_source(tmp_path: Path) -> None:
    write(tmp_path, {"mypkg/space/inner.py": "", "mypkg/byte.pyc": b""})
    assert codes(tmp_path, "", model="from mypkg.space import inner\nimport mypkg.space.inner\n") == []
    assert codes(tmp_path, "", model="import mypkg.space\n") == [("NQ209", "model.py")]
    assert codes(tmp_path, "", model="import mypkg.byte\n") == [("NQ209", "model.py")]


def test_an_installed_package_leads_to_a_module_without_source(tmp_path: Path) -> None:
    """As chgnet's converter of graphs: no registration of a library lets it through; it is said once."""
    lib = {
        "lib/__init__.py": "",
        "lib/graph/__init__.py": "from .fast import make\n",
        "lib/graph/fast.so": "",
    }
    settings = '[tool.nequip-lint]\nroots = ["mypkg.model"]\ninternal-packages = ["mypkg", "lib"]\n'
    files = {
        "pyproject.toml": f'[project]\nname = "mypkg"\ndependencies = ["lib"]\n\n{settings}',
        "mypkg/model.py": "import lib.graph\n",
        "mypkg/__init__.py": "",
    }
    site = write(tmp_path / "site", lib)
    report = check(Request((write(tmp_path / "project", files),), site, cache=False), Selection())
    assert [finding.code for finding in report.findings] == ["NQ209"]


CLASH = """\
import torch
from nequip.nn.model_modifier_utils import model_modifier
from nequip.nn._graph_mixin import GraphModuleMixin


class A(GraphModuleMixin, torch.nn.Module):
    @model_modifier(persistent=True)
    @classmethod
    def enable(cls, model):
        return model


class B(GraphModuleMixin, torch.nn.Module):
    @model_modifier(persistent=True)
    @classmethod
    def enable(cls, model):
        return model
"""


def test_modifiers_of_one_name(tmp_path: Path) -> None:
    start = "from nequip.model.utils import model_builder\nfrom mypkg.model import A, B\n\n\n"
    both = start + "@model_builder\ndef Model():\n    return A(B())\n"
    one = (
        start
        + "@model_builder\ndef ModelA():\n    return A()\n\n\n@model_builder\ndef ModelB():\n    return B()\n"
    )
    assert codes(tmp_path, both, model=CLASH, init="") == [("NQ106", "model.py")]
    assert codes(tmp_path, one, model=CLASH, init="") == []
