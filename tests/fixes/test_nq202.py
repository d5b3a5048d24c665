"""`sys` and `io`: replaced by what has the same value, or registered."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from fix_support import BASE, EXTERN, PROJECT, fix_files, fix_folder

from nequip_lint.engine.changes import write as write_changes
from nequip_lint.fixes.nq202 import _SAME
from nequip_lint.project.assemble import Request, assemble
from nequip_lint.registering.placement import placed
from nequip_lint.registering.proposals import proposals

if TYPE_CHECKING:
    from pathlib import Path

    from fix_support import Result

ALONE = """\
[project]
name = "mypkg"

[tool.nequip-lint]
internal-packages = ["mypkg"]
roots = ["mypkg.model"]
"""


def alone(folder: Path, model: str, *, unsafe: bool = False, settings: str = ALONE) -> Result:
    """Fix a project without nequip."""
    files = {"pyproject.toml": settings, "mypkg/__init__.py": "", "mypkg/model.py": model}
    return fix_files(folder, files, unsafe=unsafe, select="NQ202")


REPLACED = {
    "import": (
        "import sys\n\nimport torch\n\nX = sys.float_info.epsilon\n",
        "import torch\n\nX = torch.finfo(torch.float64).eps\n",
    ),
    "alias, in a function": (
        "import torch\n\n\ndef f():\n    import sys as s, os\n\n    return [s.maxsize, s.float_info.max]\n",
        "import torch\n\n\ndef f():\n    import os\n\n"
        "    return [torch.iinfo(torch.int64).max, torch.finfo(torch.float64).max]\n",
    ),
    "in brackets that part it from a keyword": (
        "import sys\n\nimport torch\n\nX = 1 if(sys.maxsize)else 2\n",
        "import torch\n\nX = 1 if(torch.iinfo(torch.int64).max)else 2\n",
    ),
    "builtin": ("import io\n\n\ndef f(x):\n    return io.open(x)\n", "def f(x):\n    return open(x)\n"),
}


@pytest.mark.parametrize("name", REPLACED)
def test_replaced_and_safe(name: str, tmp_path: Path) -> None:
    before, after = REPLACED[name]
    result = alone(tmp_path, before)
    assert result.files["mypkg/model.py"] == after
    assert (result.codes, result.left) == (["NQ202"], [])


@pytest.mark.real
def test_the_values_are_the_same() -> None:
    import io

    import torch

    names = {"sys": sys, "io": io, "torch": torch}
    for old, new in _SAME.items():
        assert eval(old, names) == eval(new, names), old


OTHER = {
    "another attribute": "import sys\n\nX = sys.argv\n",
    "one of two": "import sys\nimport torch\n\nX = sys.argv, sys.maxsize\n",
    "torch not yet": "import sys\n\nX = sys.maxsize\nimport torch\n",
    "no torch": "import sys\n\nX = sys.maxsize\n",
    "from": "from sys import maxsize\n\nX = maxsize\n",
    "passed on": "import sys\nimport torch\n\nX = sys\n",
}


@pytest.mark.parametrize("name", OTHER)
def test_else_a_setting_where_that_is_asked_for(name: str, tmp_path: Path) -> None:
    assert alone(tmp_path, OTHER[name]).left == ["NQ202"]
    result = alone(tmp_path, OTHER[name], unsafe=True)
    assert result.files["mypkg/model.py"] == OTHER[name]
    assert result.files["pyproject.toml"] == f'{ALONE}extern-modules = ["sys"]\n'
    assert (result.codes, result.left) == (["NQ202"], [])


def test_a_setting_that_is_there_grows(tmp_path: Path) -> None:
    settings = f'{ALONE}extern-modules = ["numpy"]  # why\n'
    result = alone(tmp_path, OTHER["from"], unsafe=True, settings=settings)
    assert 'extern-modules = ["numpy", "sys"]' in result.files["pyproject.toml"]


def test_an_import_without_use_goes_but_not_safely(tmp_path: Path) -> None:
    assert alone(tmp_path, "import sys\n\nX = 1\n").codes == []
    assert alone(tmp_path, "import sys\n\nX = 1\n", unsafe=True).files["mypkg/model.py"] == "X = 1\n"


def test_a_block_does_not_lose_its_only_statement(tmp_path: Path) -> None:
    lazy = "def f(x):\n    if x:\n        import sys\n    return x\n"
    result = alone(tmp_path, lazy, unsafe=True)
    assert result.files["mypkg/model.py"] == lazy.replace("import sys", "pass")
    assert result.left == []


LISTS = {
    "one line": (EXTERN, EXTERN.replace('["fastops"]', '["fastops", "sys"]')),
    "lines": (
        EXTERN.replace('["fastops"]', "[\n        'a',\n        'fastops',  # why\n    ]"),
        EXTERN.replace('["fastops"]', "[\n        'a',\n        'fastops',  # why\n        'sys',\n    ]"),
    ),
    "lines, no comma": (
        EXTERN.replace('["fastops"]', "(\n        'a',\n        'fastops'  # why\n    )"),
        EXTERN.replace('["fastops"]', "(\n        'a',\n        'fastops',  # why\n        'sys'\n    )"),
    ),
}


@pytest.mark.parametrize("name", LISTS)
def test_with_nequip_it_is_registered(name: str, tmp_path: Path) -> None:
    before, after = LISTS[name]
    older = PROJECT.replace("nequip>=0.19", "nequip>=0.18")
    files = {**BASE, "pyproject.toml": older, "mypkg/_extern.py": before, "mypkg/model.py": OTHER["from"]}
    result = fix_files(tmp_path, files, select="NQ202")
    assert result.files["mypkg/_extern.py"] == after
    assert (result.codes, result.left) == (["NQ202"], [])


def test_without_a_registration_the_command_is_named_that_makes_one(tmp_path: Path) -> None:
    older = PROJECT.replace("nequip>=0.19", "nequip>=0.18")
    files = {
        "pyproject.toml": older,
        "mypkg/__init__.py": "",
        "mypkg/model.py": "import sys\n\nX = sys.argv\n",
    }
    result = fix_files(tmp_path, files, select="NQ202")
    assert "`nequip-lint registrations --write` makes one for sys" in result.reasons[0]
    (assembled,) = assemble(Request((tmp_path,), cache=False))
    write_changes(placed(assembled.project, proposals(assembled)))
    assert fix_folder(tmp_path, select="NQ2").left == []
