"""Projects whose files are named or placed in ways that could hide something."""

from __future__ import annotations

from pathlib import Path

import pytest

from nequip_lint.engine.run import check
from nequip_lint.engine.selection import Selection
from nequip_lint.project.assemble import Request

METADATA = """
[project]
name = "mypkg"
version = "1"
dependencies = ["nequip>=0.19.1", "torch"]
[project.entry-points."nequip.extension"]
init_always = "mypkg"
"""
ROOT = """
import torch
from nequip.nn._graph_mixin import GraphModuleMixin
{more}
class Layer(GraphModuleMixin, torch.nn.Module):
    pass
"""


def findings(folder: Path, metadata: str = METADATA, **files: str) -> list[tuple[str, str]]:
    """The codes and file names that are reported for a project; `__` in a key stands for `/`."""
    (folder / "pyproject.toml").write_text(metadata)
    for name, text in {"mypkg__/__init__": "", **files}.items():
        path = folder / f"{name.replace('__/', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    report = check(Request((folder,), cache=False), Selection())
    return [(finding.code, Path(finding.path).name) for finding in report.findings]


def test_models_of_tests_and_examples_are_no_part_of_the_extension(tmp_path: Path) -> None:
    used = ROOT.format(more="import sympy")
    files = {"mypkg__/model": ROOT.format(more=""), "tests__/test_model": used, "examples__/train": used}
    assert findings(tmp_path, **files) == []
    assert ("NQ204", "pyproject.toml") in findings(
        tmp_path, **{"other__/__init__": "", "other__/model": used}
    )


def test_no_file_hides_behind_another_of_the_same_module_name(tmp_path: Path) -> None:
    broken = "def f(:\n"
    assert findings(
        tmp_path, **{"mypkg__/model": ROOT.format(more=""), "a__/m": "x = 1\n", "b__/m": broken}
    ) == [("NQ001", "m.py")]


def test_a_module_that_no_release_has_is_not_clean(tmp_path: Path) -> None:
    assert findings(tmp_path, **{"mypkg__/model": ROOT.format(more="from nequip.gone import x")}) == [
        ("NQ004", "model.py")
    ]
    guarded = "try:\n    from nequip.gone import x\nexcept ImportError:\n    x = None"
    assert findings(tmp_path, **{"mypkg__/model": ROOT.format(more=guarded)}) == []


def test_a_registered_list_that_grows_is_said_to_be_unread(tmp_path: Path) -> None:
    call = "register_libraries_as_external_for_packaging(extern_modules=LIBS)"
    source = (
        "from nequip.scripts._package_utils import register_libraries_as_external_for_packaging\n"
        f'LIBS = ["fastlib"]\nLIBS += ["other"]\n{call}\n'
    )
    files = {
        "mypkg__/__init__": "from . import _extern\n",
        "mypkg__/_extern": source,
        "mypkg__/model": ROOT.format(more="def f():\n    import other, fastlib\n"),
    }
    assert findings(tmp_path, **files) == [("NQ004", "_extern.py")]


BESIDE = {
    "from helpers import h": True,
    "import helpers.deep": True,
    "def f():\n    from helpers.deep import h": True,
    "try:\n    import helpers\nexcept ImportError:\n    pass": True,
    "h = 'helpers'": False,
    "from mypkg import h": False,
}
"""Imports in a project whose other package has no entry point, and whether a build refuses them."""


@pytest.mark.parametrize("line", BESIDE)
def test_a_package_beside_the_internal_one(line: str, tmp_path: Path) -> None:
    files = {"mypkg__/model": ROOT.format(more=line), "mypkg__/h": "", "helpers__/__init__": "h = 1"}
    files |= {"helpers__/deep": "h = 1"}
    assert findings(tmp_path, **files) == [("NQ204", "model.py")] * BESIDE[line]


def test_a_second_package_with_an_entry_point_of_its_own(tmp_path: Path) -> None:
    files = {"mypkg__/model": ROOT.format(more="from helpers import h"), "helpers__/__init__": "h = 1"}
    more = 'helpers = "helpers"\n'
    assert findings(tmp_path, metadata=METADATA + more, **files) == []


def test_a_helper_without_nequip(tmp_path: Path) -> None:
    for given, expected in (("myext", ["NQ204"]), ("myext', 'helper", [])):
        settings = f"[tool.nequip-lint]\nroots = ['myext']\ninternal-packages = ['{given}']\n"
        files = {"myext": "from helper import h\ndef make(): ...\n", "helper": "h = 1\n"}
        found = findings(tmp_path, metadata=settings, **files)
        assert [code for code, _ in found] == expected
