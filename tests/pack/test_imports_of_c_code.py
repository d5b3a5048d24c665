"""Modules that C code imports for packaged code are external modules of the package."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest
from pack_support import checked, pack
from plain_support import FILES, built, write
from warm import new_python

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.real

FORWARD = """
            def forward(self, x):
                if x.shape[0] > 100:
                    day = datetime.datetime.strptime("2024-05-06", "%Y-%m-%d")
                    assert datetime.date.today() > day.date()
                    return f"{day:%A}", day.strftime("%H:%M"), float(x.numpy().mean())
"""
NET = FILES["tinyplain/net.py"].replace("import torch\n", "import datetime\n\n        import torch\n", 1)
USE = """
import torch, nequip_pack
model = nequip_pack.load_package("a.nequip.zip").models["sole_model"]
print(*model(torch.ones(200, 3)))
"""


def test_a_rare_call_works_in_the_package(tmp_path: Path) -> None:
    net = NET.replace("\n            def forward(self, x):\n", FORWARD, 1)
    project = write(tmp_path, {"tinyplain/net.py": net, "tinyplain/__init__.py": ""})
    package = built(project, "Net(), 'a.ckpt', example_data=x", tmp_path)
    with zipfile.ZipFile(package) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".data/extern_modules"))
        recorded = archive.read(name).decode().split()
    assert {"time", "_strptime", "numpy"} <= set(recorded)
    assert "numpy" in checked(pack("info", package, cwd=tmp_path)).stdout
    (tmp_path / "tinyplain").rename(tmp_path / "away")
    assert checked(new_python("-c", USE, cwd=tmp_path)).stdout.split() == ["Monday", "00:00", "1.0"]
