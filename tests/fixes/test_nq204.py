"""The entry point in every form of metadata; what stands there already keeps its bytes."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import pytest
from fix_support import fix_files
from lint_support import nequip_lint

from nequip_lint.declared.metadata import read_metadata

if TYPE_CHECKING:
    from pathlib import Path

MODEL = """import torch
from nequip.nn._graph_mixin import GraphModuleMixin


class Layer(GraphModuleMixin, torch.nn.Module): ...
"""
NAMED = '[project]\nname = "mypkg"\ndependencies = ["nequip>=0.19"]\n'
HEADING = '[project.entry-points."nequip.extension"]'
ADDED = {
    "alone": {"pyproject.toml": NAMED},
    "no line end": {"pyproject.toml": NAMED.rstrip("\n")},
    "among other tables": {
        "pyproject.toml": f'# why\n[build-system]\nrequires = []\n\n{NAMED}version = "1"   # so\n\n'
        '[project.scripts]\na = "b:c"\n\n\n# tools\n[tool.ruff]\nline-length = 1\n'
    },
    "crlf": {"pyproject.toml": f"{NAMED}\n[tool.a]\nb = 1\n".replace("\n", "\r\n")},
    "another group": {
        "pyproject.toml": f'{NAMED}\n[project.entry-points."other"]\nx = "y"\n\n[tool.a]\nb = 1\n'
    },
    "the group": {"pyproject.toml": f'{NAMED}\n{HEADING}\nother = "other"\n\n[tool.a]\nb = 1\n'},
    "too narrow": {"pyproject.toml": f'{NAMED}\n{HEADING}\ninit_always = "mypkg._k"\n'},
    "inline": {"pyproject.toml": f"{NAMED}entry-points = {{ other = {{ x = 'y' }} }}\n\n[tool.a]\nb = 1\n"},
    "out of order": {"pyproject.toml": f"{NAMED}\n[tool.a]\nb = 1\n\n[project.scripts]\nu = 'v:w'\n"},
    "poetry": {
        "pyproject.toml": '[tool.poetry]\nname = "mypkg"\n\n[tool.poetry.dependencies]\nnequip = "*"\n'
    },
    "setup.cfg": {
        "setup.cfg": "[metadata]\nname = mypkg\n\n[options]\ninstall_requires =\n    nequip>=0.19\n"
    },
    "setup.cfg, section": {
        "setup.cfg": "[metadata]\nname = mypkg\n[options]\ninstall_requires = nequip\n"
        "[options.entry_points]\nconsole_scripts =\n    a = b:c\n"
    },
    "setup.cfg, group": {
        "setup.cfg": "[options]\ninstall_requires = nequip\n[options.entry_points]\nnequip.extension =\n"
        "    init_always = mypkg._k\n"
    },
    "dynamic": {
        "pyproject.toml": f'{NAMED}dynamic = ["entry-points"]\n',
        "setup.cfg": "[options]\nzip_safe = no\n",
    },
}


@pytest.mark.parametrize("name", ADDED)
def test_added_and_nothing_else(name: str, tmp_path: Path) -> None:
    files = {path: text.encode() for path, text in ADDED[name].items()}
    result = fix_files(tmp_path, {**files, "mypkg/__init__.py": "", "mypkg/model.py": MODEL}, select="NQ204")
    assert (result.codes, result.left) == (["NQ204"], [])
    assert "mypkg" in read_metadata(tmp_path).extensions
    for path, before in files.items():
        after = (tmp_path / path).read_bytes()
        changes = difflib.ndiff(_lines(before), _lines(after))
        assert sum(line.startswith("- ") for line in changes) == (name == "inline")
        assert (b"\r\n" in before) == (after.count(b"\n") == after.count(b"\r\n"))
        assert not after.endswith(b"\n\n")


def _lines(data: bytes) -> list[str]:
    return data.decode().split("\n")


def test_a_blank_line_around_the_new_table(tmp_path: Path) -> None:
    files = {
        "pyproject.toml": f"{NAMED}\n[tool.a]\nb = 1\n",
        "mypkg/__init__.py": "",
        "mypkg/model.py": MODEL,
    }
    text = fix_files(tmp_path, files).files["pyproject.toml"]
    assert text == f'{NAMED}\n{HEADING}\ninit_always = "mypkg"\n\n[tool.a]\nb = 1\n'


def test_an_object_is_cut_off_but_not_safely(tmp_path: Path) -> None:
    text = f'{NAMED}\n{HEADING}\ninit_always = "mypkg:setup"  # why\n'
    files = {"pyproject.toml": text, "mypkg/__init__.py": "", "mypkg/model.py": MODEL}
    assert fix_files(tmp_path, files, select="NQ204").codes == []
    result = fix_files(tmp_path, files, select="NQ204", unsafe=True)
    assert result.files["pyproject.toml"] == text.replace(":setup", "")
    assert result.left == []


DECLINED = {
    "dotted": {"pyproject.toml": f"{NAMED}entry-points.other.x = 'y'\n\n[tool.a]\nb = 1\n"},
    "setup.py": {
        "setup.py": "from setuptools import setup\nsetup(name='mypkg', install_requires=['nequip'])\n"
    },
    "not at home": {
        "setup.cfg": "[options]\ninstall_requires = nequip\n"
        "[options.entry_points]\nnequip.extension = a = b\n"
    },
}


@pytest.mark.parametrize("name", DECLINED)
def test_declined_with_the_reason(name: str, tmp_path: Path) -> None:
    files = {**DECLINED[name], "mypkg/__init__.py": "", "mypkg/model.py": MODEL}
    result = fix_files(tmp_path, files, select="NQ204", unsafe=True)
    assert result.left == ["NQ204"]
    assert result.reasons[0]
    assert result.fixed.changes == ()
    told = nequip_lint("--select", "NQ204", cwd=tmp_path).stdout
    assert "error NQ204" in told
    assert "fix" not in told
