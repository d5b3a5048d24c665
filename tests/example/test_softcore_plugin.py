"""The fixture ``rehearse``, in the tests of the example extension."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import pytest
from softcore_support import ROOT, Installed, block
from test_softcore_package import needs_absent_torch_scatter
from warm import new_python

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

SHOWN = block("how-to/ci.md", "python")
MORE = """
from pathlib import Path

LOST = "nequip_softcore.softcore_kernel"


def test_with_a_loss(rehearse):
    done = rehearse(Path("tests", "tiny.yaml"), allow=["NQ101:" + LOST])
    assert done.closure["nequip_softcore.softcore"] == "intern"
    assert LOST not in done.closure
    assert done.kept is None
"""
WITHOUT = """
import sys


class Absent:
    def find_spec(self, name, path=None, target=None):
        if name == "nequip":
            raise ModuleNotFoundError(name)


sys.meta_path.insert(0, Absent())
"""
IMPORTED = """
import sys

import pytest

before = set(sys.modules)
import nequip_pack.pytest_plugin

print(sorted(set(sys.modules) - before))
"""


def declare_plugin(folder: Path) -> None:
    """Write what pip would write of our entry point for pytest."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (metadata := folder / "nequip_pack-1.dist-info").mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {settings['name']}\nVersion: 1\n")
    (module,) = (lines := settings["entry-points"]["pytest11"]).values()
    (name,) = lines
    (metadata / "entry_points.txt").write_text(f"[pytest11]\n{name} = {module}\n")


def run_tests(installed: Installed, folder: Path, conftest: str = "") -> subprocess.CompletedProcess[str]:
    """Run the README's test and another as an extension's; pytest finds the plugin by its entry point."""
    declare_plugin(folder)
    (folder / "tests").mkdir()
    shutil.copy(installed.project / "train.yaml", folder / "tests" / "tiny.yaml")
    (folder / "tests" / "test_packages.py").write_text(SHOWN + MORE)
    (folder / "conftest.py").write_text(conftest)
    (folder / "pytest.ini").write_text("[pytest]\n")
    return installed.python("-m", "pytest", "-v", "-rs", "-p", "no:cacheprovider", cwd=folder)


@pytest.mark.real
@needs_absent_torch_scatter
def test_a_test_fails_with_the_findings_and_passes_with_an_accepted_loss(
    broken_example: Installed, tmp_path: Path
) -> None:
    done = run_tests(broken_example, tmp_path)
    assert "test_packages.py::test_it_packages FAILED" in done.stdout
    assert "test_packages.py::test_with_a_loss PASSED" in done.stdout, done.stdout
    failure = done.stdout.partition("= FAILURES =")[2].partition("= short test summary")[0]
    assert "softcore_kernel.py:11:1: error NQ101" in failure
    assert "tiny.yaml: the gate refuses this build because of" in failure
    assert "pytest_plugin.py" not in failure, "the text stands for itself"


@pytest.mark.real
def test_without_nequip_it_is_skipped(example: Installed, tmp_path: Path) -> None:
    done = run_tests(example, tmp_path, WITHOUT)
    assert "2 skipped" in done.stdout, done.stdout
    assert "nequip is not installed, and rehearsals need it" in done.stdout


def test_a_run_of_pytest_imports_almost_nothing_for_it(tmp_path: Path) -> None:
    done = new_python("-c", IMPORTED, cwd=tmp_path)
    assert done.stdout.strip() == "['nequip_pack', 'nequip_pack.pytest_plugin', 'nequip_pack.start']"
