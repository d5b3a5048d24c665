"""The example's own tests: they pass, fail for a broken copy, and pass again for the fixed one."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from softcore_support import EXAMPLE, Installed, copy_example
from test_softcore_fixed import BREAKS, broken, files, fix

pytestmark = pytest.mark.real

TESTS = Path("tests") / "test_softcore.py"


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside other processes more threads wait for each other."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


def own_tests(project: Path) -> subprocess.CompletedProcess[str]:
    """Run the extension's tests with this copy of it."""
    command = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "pyproject.toml", str(TESTS)]
    return Installed(project).python(*command, cwd=project)


def test_they_pass(tmp_path: Path) -> None:
    done = own_tests(copy_example(tmp_path / "example"))
    assert done.returncode == 0, done.stdout


def test_they_pass_again_after_fixing(tmp_path: Path) -> None:
    """Broken in every way that has a fix the extension cannot be imported; fixed it passes its tests."""
    project = broken(tmp_path / "example", list(BREAKS))
    before = own_tests(project)
    assert before.returncode != 0
    assert "AssertionError" in before.stdout
    done = fix(project)
    assert done.returncode == 0, done.stdout
    after = own_tests(project)
    assert after.returncode == 0, after.stdout
    assert files(project)[str(TESTS)] == files(EXAMPLE)[str(TESTS)]
