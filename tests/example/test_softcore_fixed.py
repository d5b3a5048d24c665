"""The example broken in every way that has a fix: `nequip-lint --fix` makes it build and work again."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest
from softcore_support import EXAMPLE, Installed, copy_example, declare_installed
from test_softcore_package import (
    ENABLE_KERNEL,
    STAND_IN,
    build_with_us,
    example_files,
    needs_absent_torch_scatter,
)

PACKAGE = "nequip_softcore"
KERNEL_IMPORT = "        from torch_scatter import segment_coo\n\n"
NUMBERS = '{AtomicDataDict.PER_ATOM_ENERGY_KEY: "0e"}'
ENTRY = f'[project.entry-points."nequip.extension"]\ninit_always = "{PACKAGE}"\n\n'
BREAKS = {
    "NQ203": [
        (f"{PACKAGE}/softcore.py", NUMBERS, NUMBERS.replace('"0e"', 'o3.Irreps("0e")')),
        (f"{PACKAGE}/softcore.py", "import torch\n", "import torch\nfrom e3nn import o3\n"),
    ],
    "NQ106": [
        (
            f"{PACKAGE}/softcore.py",
            "    @model_modifier(persistent=False)\n    @classmethod\n",
            "    @classmethod\n    @model_modifier(persistent=False)\n",
        )
    ],
    "NQ101": [
        (f"{PACKAGE}/softcore_kernel.py", KERNEL_IMPORT, ""),
        (
            f"{PACKAGE}/softcore_kernel.py",
            "from .softcore import",
            "from torch_scatter import segment_coo\n\nfrom .softcore import",
        ),
    ],
    "NQ204": [("pyproject.toml", ENTRY, "")],
    "NQ206": [(f"{PACKAGE}/_extern.py", '["torch_scatter"]', '"torch_scatter"')],
    "NQ207": [(f"{PACKAGE}/__init__.py", "from . import _extern\n\n", "")],
}
NOT_BYTE_BY_BYTE = {"NQ203", "NQ207"}
"""The good example has plain text instead of `Irreps`; and an import that is added where there are no others
stands behind the docstring, which is where it was."""


def broken(target: Path, codes: list[str]) -> Path:
    """The example with some hazards put in by hand."""
    copy_example(target)
    for code in codes:
        for path, old, new in BREAKS[code]:
            text = (target / path).read_text()
            assert text.count(old) == 1, (path, old)
            (target / path).write_text(text.replace(old, new))
    return target


def lint(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "nequip_lint", *arguments]
    return subprocess.run(command, cwd=project, text=True, capture_output=True, check=False)


def fix(project: Path) -> subprocess.CompletedProcess[str]:
    return lint(project, "--fix")


def files(project: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(project)): path.read_bytes()
        for path in sorted(project.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.mark.parametrize("code", BREAKS)
def test_one_break_is_mended(code: str, tmp_path: Path) -> None:
    project = broken(tmp_path / "example", [code])
    done = fix(project)
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1].startswith(f"fixed {code} in ")
    if code != "NQ203":
        assert files(project) == files(EXAMPLE)


def test_the_broken_variant_of_the_docs_becomes_the_good_one(tmp_path: Path) -> None:
    project = copy_example(tmp_path / "example", broken=True)
    assert fix(project).returncode == 0
    path = f"{PACKAGE}/softcore_kernel.py"
    fixed, good = (
        (folder / path).read_text().partition("from __future__")[2] for folder in (project, EXAMPLE)
    )
    assert fixed == good


def unregistered(project: Path) -> None:
    """Take the registration out, and the import of it."""
    (project / PACKAGE / "_extern.py").unlink()
    init = project / PACKAGE / "__init__.py"
    init.write_text(init.read_text().replace("from . import _extern\n\n", "").replace(', "_extern"', ""))


def works_for_real(project: Path, checkpoint: Path, folder: Path) -> None:
    """It builds here, without torch_scatter, and its kernel works where the library is."""
    declare_installed(project)
    output = folder / "fixed.nequip.zip"
    built = build_with_us(Installed(project), checkpoint, output)
    assert built.returncode == 0, built.stdout
    assert example_files(output) == {f"{PACKAGE}/softcore.py", f"{PACKAGE}/softcore_kernel.py"}
    elsewhere = dataclasses.replace(Installed(project), project=folder / "elsewhere")
    elsewhere.project.mkdir()
    (elsewhere.project / "torch_scatter.py").write_text(STAND_IN)
    result = elsewhere.python("-c", ENABLE_KERNEL, str(output), cwd=folder)
    assert result.returncode == 0, result.stdout
    assert result.stdout.split() == ["TorchScatterSoftCore", "True", "True"]


@pytest.mark.real
@needs_absent_torch_scatter
def test_all_breaks_at_once_are_mended_for_real(checkpoint: Path, tmp_path: Path) -> None:
    project = broken(tmp_path / "example", list(BREAKS))
    done = fix(project)
    assert done.returncode == 0, done.stdout
    works_for_real(project, checkpoint, tmp_path)


@pytest.mark.real
@needs_absent_torch_scatter
def test_fixes_and_then_registrations_need_no_hand(checkpoint: Path, tmp_path: Path) -> None:
    """Two commands for an extension broken in many ways, with no registration; again they do nothing."""
    project = broken(tmp_path / "example", [code for code in BREAKS if code not in ("NQ206", "NQ207")])
    unregistered(project)
    fixed = fix(project)
    assert fixed.returncode == 1, fixed.stdout
    assert "error NQ201" in fixed.stdout
    assert lint(project, "registrations", "--write").returncode == 0
    after = files(project)
    assert fix(project).returncode == 0
    assert lint(project, "registrations", "--write").returncode == 0
    assert files(project) == after
    works_for_real(project, checkpoint, tmp_path)
