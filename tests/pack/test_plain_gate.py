"""What the gate of a real build knows: environment variables, and what code makes and keeps."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest
from pack_support import checked
from plain_support import FILES, run, save, write

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.real
SETTINGS = FILES["pyproject.toml"] + '        mock-modules = ["drawlib"]\n'
ONE_CLASS = """
    import torch
    {}

    class Only(torch.nn.Module):
        def __init__(self):
            super().__init__()
            {}

        def forward(self, x):
            return x

        def accelerate(self):
            {}
"""
PUT = "sys.modules['tinyplain.made'] = types.ModuleType('made')"
MADE = f"import sys, types; {PUT}; import tinyplain.made"
KERNEL = """
    import os

    if os.environ.get("TINY_KERNEL", "0") != "1":
        raise RuntimeError("the kernel is switched off")
"""


def _saved(folder: Path, at_top: str = "", in_init: str = "pass", in_method: str = "pass") -> Path:
    """A project with one class in one file, and a checkpoint of it in the same folder."""
    changes = {
        "pyproject.toml": SETTINGS,
        "tinyplain/only.py": ONE_CLASS.format(at_top.replace("; ", "\n    "), in_init, in_method),
        "tinyplain/kernel.py": KERNEL,
        "drawlib/__init__.py": "class Pen: ...\n",
    }
    project = write(folder, changes)
    before = "from tinyplain.only import Only"
    checked(save(project, "Only(), 'a.ckpt', example_data=x", folder, before=before))
    return project


def test_a_variable_that_keeps_a_file_from_importing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = _saved(tmp_path, in_method="import tinyplain.kernel")
    monkeypatch.delenv("TINY_KERNEL", raising=False)
    refused = run(project, "build", "a.ckpt", "a.nequip.zip", cwd=tmp_path)
    assert refused.returncode == 1
    assert "NQ107" in refused.stderr and "tinyplain.kernel" in refused.stderr
    assert not (tmp_path / "a.nequip.zip").exists()

    accepted = ("--allow", "NQ107:tinyplain.kernel")
    checked(run(project, "build", "a.ckpt", "without.nequip.zip", *accepted, cwd=tmp_path))
    assert "tinyplain/kernel.py" not in _names(tmp_path / "without.nequip.zip")

    monkeypatch.setenv("TINY_KERNEL", "1")
    checked(run(project, "build", "a.ckpt", "with.nequip.zip", cwd=tmp_path))
    assert "tinyplain/kernel.py" in _names(tmp_path / "with.nequip.zip")


@pytest.mark.parametrize(
    ("code", "module", "at_top", "in_init"),
    [
        ("NQ208", "drawlib", "import drawlib", "self.pen = drawlib.Pen()"),
        ("NQ304", "tinyplain.made", MADE, "pass"),
    ],
)
def test_what_torch_would_refuse_is_refused_by_the_gate(
    tmp_path: Path, code: str, module: str, at_top: str, in_init: str
) -> None:
    project = _saved(tmp_path, at_top, in_init)
    refused = run(project, "build", "a.ckpt", "a.nequip.zip", cwd=tmp_path)
    assert refused.returncode == 1
    assert code in refused.stderr and f"torch.package refuses {module}" in refused.stderr
    assert not (tmp_path / "a.nequip.zip").exists()
    ungated = run(project, "build", "a.ckpt", "a.nequip.zip", "--no-lint", cwd=tmp_path)
    assert ungated.returncode == 8, ungated.stderr


def test_a_file_that_is_too_long_for_an_audit_is_told_when_it_is_packaged(tmp_path: Path) -> None:
    table = "; TABLE = (" + "1, " * 100_000 + ")"
    project = _saved(tmp_path, at_top=f"import math{table}")
    done = checked(run(project, "build", "a.ckpt", "a.nequip.zip", cwd=tmp_path))
    told = "tinyplain/only.py has 300 kB, more than the 262 kB of one file that audit and verify read"
    assert told in " ".join(done.stderr.split())
    refused = run(project, "verify", "a.nequip.zip", cwd=tmp_path)
    assert refused.returncode == 1
    assert "has 300" in refused.stderr and "that are parsed" in refused.stderr


def _names(package: Path) -> set[str]:
    with zipfile.ZipFile(package) as archive:
        return {name.partition("/")[2] for name in archive.namelist()}
