"""nequip-lint on the example, from the base install: the good one is clean, the broken one refused."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from softcore_support import Installed


def lint(installed: Installed, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run nequip-lint in a copy of the example."""
    command = [sys.executable, "-m", "nequip_lint", *arguments]
    return subprocess.run(command, cwd=installed.project, text=True, capture_output=True, check=False)


def findings(result: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(result.stdout)["findings"]
    return found


def test_the_example_is_clean(example: Installed) -> None:
    result = lint(example, "--format", "json", ".")
    assert result.returncode == 0, result.stderr
    assert findings(result) == []


def test_the_broken_variant_has_one_finding_at_its_import(broken_example: Installed) -> None:
    result = lint(broken_example, "--format", "json", ".")
    assert result.returncode == 1, result.stderr
    (finding,) = findings(result)
    assert (finding["code"], finding["path"]) == ("NQ101", "nequip_softcore/softcore_kernel.py")
    source = (broken_example.project / finding["path"]).read_text().splitlines()
    assert source[finding["line"] - 1] == "from torch_scatter import segment_coo"
    assert "torch_scatter" in finding["message"]


def test_the_readme_shows_what_the_linter_says(broken_example: Installed) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    shown = readme.partition("```text\n$ nequip-lint\n")[2].partition("```")[0]
    assert shown == lint(broken_example).stdout


def test_model_code_in_the_module_of_the_entry_point(example: Installed, tmp_path: Path) -> None:
    """`import nequip` fails there (`tests/pack/test_checkpoints.py`)."""
    project = tmp_path / "project"
    shutil.copytree(example.project, project)
    with (project / "nequip_softcore" / "__init__.py").open("a") as stream:
        stream.write("from . import model\n")
    done = lint(replace(example, project=project))
    assert done.returncode == 1
    assert "NQ212" in done.stdout
