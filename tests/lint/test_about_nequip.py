"""Which projects are about nequip, and what is said of its extensions: in linter and registrations alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lint_support import write

from nequip_lint.engine.run import check
from nequip_lint.engine.selection import Selection
from nequip_lint.project.assemble import Request, assemble
from nequip_lint.registering.proposals import proposals, to_register

if TYPE_CHECKING:
    from pathlib import Path

LAYER = """import e3nn.o3._irreps
import torch
from nequip.nn._graph_mixin import GraphModuleMixin


class Layer(GraphModuleMixin, torch.nn.Module):
    def forward(self, data):
        return data
"""
ENTRY = '[project.entry-points."nequip.extension"]\ninit_always = "mypkg"\n'
SHOWN = {
    "requirement": {"pyproject.toml": '[project]\nname = "mypkg"\ndependencies = ["NequIP"]\n'},
    "entry point": {"pyproject.toml": f'[project]\nname = "mypkg"\n{ENTRY}'},
    "import": {"pyproject.toml": '[project]\nname = "mypkg"\ndependencies = ["torch"]\n'},
    "hook": {"pyproject.toml": '[project]\nname = "mypkg"\ndynamic = ["dependencies"]\n'},
    "requirements.txt": {"setup.py": "from setuptools import setup\nsetup()\n", "requirements.txt": "nequip"},
    "script": {},
}


@pytest.mark.parametrize("name", SHOWN)
def test_nequip_is_recognised(tmp_path: Path, name: str) -> None:
    files = {**SHOWN[name], "mypkg/__init__.py": "", "mypkg/layer.py": LAYER}
    (item,) = assemble(Request((write(tmp_path, files),)))
    assert item.project.uses_nequip
    assert item.project.packaged.modules["nequip.nn._graph_mixin"].action == "intern"
    proposed = to_register(proposals(item))
    assert not {"nequip", "e3nn"} & {name for names in proposed.values() for name in names}
    found = check(Request((tmp_path,)), Selection(ignore=("NQ202",))).findings
    assert {item.code for item in found} <= {"NQ204"}


BESIDE = {
    "a test": {"tests/test_it.py": LAYER, "mypkg/__init__.py": ""},
    "a try": {"mypkg/__init__.py": "try:\n    import nequip\nexcept ImportError:\n    nequip = None\n"},
    "a converter": {"mypkg/__init__.py": "def convert():\n    import nequip\n"},
    "packaged without": {
        "mypkg/__init__.py": "import nequip\n",
        "pyproject.toml": '[project]\nname = "mypkg"\n[tool.nequip-lint]\ninternal-packages = ["mypkg"]\n',
    },
}


@pytest.mark.parametrize("name", BESIDE)
def test_what_only_works_with_nequip_is_not_about_it(tmp_path: Path, name: str) -> None:
    files = {"pyproject.toml": '[project]\nname = "mypkg"\n', **BESIDE[name]}
    (item,) = assemble(Request((write(tmp_path, files),)))
    assert not item.project.uses_nequip


def test_nothing_is_known_missing_where_requirements_cannot_be_read(tmp_path: Path) -> None:
    """It is not known to be there either, unless the project is installed: its metadata tell then."""
    files = {
        "setup.py": "from setuptools import setup\nsetup(name='mypkg', install_requires=compute())\n",
        "mypkg/__init__.py": "",
        "mypkg/layer.py": f"import fastops\nimport triton\n{LAYER}",
    }
    asked = Selection(("NQ004", "NQ101"))
    first, second = check(Request((write(tmp_path / "mine", files),)), asked).findings
    assert (first.code, first.module) == ("NQ004", "fastops")
    assert "what is required by mypkg is not known" in first.message
    assert (second.code, second.detail) == ("NQ101", "triton")
    requires = "Name: {}\nVersion: 1\nRequires-Dist: {}\n"
    site = {
        "mypkg-1.dist-info/METADATA": requires.format("mypkg", "fastops"),
        "fastops-1.dist-info/METADATA": requires.format("fastops", "torch"),
        "torch-1.dist-info/METADATA": "Name: torch\nVersion: 1\n",
    }
    (found,) = check(Request((tmp_path / "mine",), write(tmp_path / "site", site)), asked).findings
    assert (found.code, found.detail) == ("NQ101", "triton")


USES_ALLEGRO = LAYER.replace("import torch\n", "import torch\nfrom allegro.nn import EdgewiseReduce\n")
REGISTERS = """from nequip.scripts._package_utils import register_libraries_as_external_for_packaging

register_libraries_as_external_for_packaging(extern_modules=["{}"])
"""


def extension_project(folder: Path, required: str, init: str) -> Request:
    head = f'[project]\nname = "mypkg"\ndependencies = [{required}]\n{ENTRY}'
    files = {"pyproject.toml": head, "mypkg/__init__.py": init, "mypkg/layer.py": USES_ALLEGRO}
    return Request((write(folder, files),))


def test_another_extension_is_declared_and_not_registered(tmp_path: Path) -> None:
    request = extension_project(tmp_path, '"nequip>=0.19"', "")
    (found,) = check(request, Selection()).findings
    assert found.code == "NQ201"
    assert found.help.startswith("declare nequip-allegro as a requirement in pyproject.toml:")
    (assembled,) = assemble(request)
    (proposal,) = (item for item in proposals(assembled) if item.library == "allegro")
    assert (proposal.action, proposal.registers) == ("declare", "")


@pytest.mark.parametrize("required", ['"nequip>=0.19"', '"nequip>=0.19", "nequip-allegro"'])
def test_an_extension_registered_as_extern_is_a_conflict(tmp_path: Path, required: str) -> None:
    request = extension_project(tmp_path, required, REGISTERS.format("allegro"))
    (found,) = check(request, Selection()).findings
    assert (found.code, found.module) == ("NQ205", "allegro")
    assert "nequip-allegro" in found.help or "nequip-allegro" in required


def test_a_declared_extension_is_internal(tmp_path: Path) -> None:
    request = extension_project(tmp_path, '"nequip>=0.19", "nequip-allegro>=0.8"', "")
    assert [item.code for item in check(request, Selection(ignore=("NQ101", "NQ104"))).findings] == []


def test_each_file_that_imports_a_library_has_its_finding(tmp_path: Path) -> None:
    """A baseline counts them by file: one file less is one finding less, and no new one."""
    parts = {f"mypkg/part{i}.py": f"import fastops\n{LAYER}" for i in range(3)}
    head = f'[project]\nname = "mypkg"\ndependencies = ["nequip", "fastops"]\n{ENTRY}'
    folder = write(tmp_path, {"pyproject.toml": head, "mypkg/__init__.py": "", **parts})
    before = check(Request((folder,)), Selection(("NQ201",))).findings
    assert len(before) == 3
    (folder / "mypkg/part0.py").unlink()
    after = check(Request((folder,)), Selection(("NQ201",))).findings
    assert [item.path for item in after] == [item.path for item in before[1:]]


def test_what_is_said_of_scipy_is_not_said_of_e3nn(tmp_path: Path) -> None:
    head = f'[project]\nname = "mypkg"\ndependencies = ["nequip", "scipy"]\n{ENTRY}'
    files = {
        "pyproject.toml": head,
        "mypkg/__init__.py": "",
        "mypkg/layer.py": f"import scipy\n{LAYER}X = scipy.a.b\n",
    }
    (found,) = check(Request((write(tmp_path, files),)), Selection(("NQ201",))).findings
    assert "e3nn" not in found.help
    assert 'extern_modules=["scipy"]' in found.help
    assert "nequip-lint registrations --write" in found.help
