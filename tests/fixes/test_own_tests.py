"""nequip and nequip-allegro, with hazards in many files, fixed: nequip's own tests of models still pass.

The distributions of nequip have these tests for extensions, those of nequip-allegro have none.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from fix_support import fix_folder
from test_fixed_mutants import SEED, Mutant, mutants
from test_sources import copied

SUITES = {"nequip": "TestNequIP", "allegro": "TestAllegro"}
LEAST_TESTS = {"float64": 15, "float": 30}
"""How many must have passed, so that an empty run is no success."""


def one_in_each_file(project: Path) -> list[Mutant]:
    """A mutant of each file that has any, chosen by the seed."""
    choose = random.Random(SEED)
    found = [list(mutants(path)) for path in sorted(project.rglob("*.py"))]
    return [choose.choice(several) for several in found if several]


def break_and_fix(package: str, project: Path) -> None:
    """Put the mutants into a copy of a package and fix everything in it."""
    copied(package, project)
    chosen = one_in_each_file(project)
    for mutant in chosen:
        mutant.path.write_text(mutant.text, encoding="utf-8")
    print(f"seed {SEED}: {', '.join(mutant.name for mutant in chosen)}")
    result = fix_folder(project, unsafe=True)
    assert sorted(result.codes) == sorted(mutant.code for mutant in chosen)
    assert set(result.codes) == {"NQ101", "NQ106", "NQ203"}


def passed(package: str, project: Path, folder: Path, dtype: str) -> int:
    """Run the tests with a copy of a package first on the path; how many passed."""
    folder.mkdir()
    shutil.copy(Path(__file__).with_name("model_tests.py"), folder)
    options = ["-q", "-p", "no:cacheprovider", "-p", "nequip.utils.unittests.conftest", "-c", os.devnull]
    chosen = ["-k", f"copy or ({SUITES[package]} and {dtype})", "model_tests.py"]
    settings = {"OWN_TESTS_OF": package, "OWN_TESTS_IN": str(project), "PYTHONPATH": str(project)}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--rootdir", str(folder), *options, *chosen],
        cwd=folder,
        env={**os.environ, **settings, "MPLCONFIGDIR": str(folder), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return sum(map(int, re.findall(r"(\d+) passed", done.stdout)))


def _still_pass(packages: Iterable[str], folder: Path, dtype: str) -> None:
    for package in packages:
        project = folder / package
        break_and_fix(package, project)
        assert passed(package, project, folder / f"{package}-tests", dtype) >= LEAST_TESTS[dtype]


@pytest.mark.real
@pytest.mark.parametrize("package", SUITES)
def test_they_still_pass_in_double_precision(package: str, tmp_path: Path) -> None:
    _still_pass([package], tmp_path, "float64")


@pytest.mark.matrix
def test_they_still_pass(tmp_path: Path) -> None:
    _still_pass(SUITES, tmp_path, "float")
