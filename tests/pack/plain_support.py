"""A small project of plain torch code, for tests of plain checkpoints."""

from __future__ import annotations

import os
import textwrap
from typing import TYPE_CHECKING, Any

from pack_support import checked, pack, python

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping
    from pathlib import Path

FILES = {
    "pyproject.toml": """
        [project]
        name = "tinyplain"
        version = "1.5"
        dependencies = ["torch"]

        [tool.nequip-lint]
        extern-modules = ["absent_by_table"]
    """,
    "tinyplain/__init__.py": """
        import nequip_pack

        nequip_pack.register_libraries_as_external_for_packaging(extern_modules=["absent_by_call"])
        nequip_pack.register_packaging_mode("both", lambda: ["fast", "eager"])
    """,
    "tinyplain/net.py": """
        import torch
        from tinyplain.layers import Activation


        class Net(torch.nn.Module):
            def __init__(self, width=4, compile_mode="eager"):
                super().__init__()
                self.fast = compile_mode == "fast"
                self.first = torch.nn.Linear(3, width)
                self.second = torch.nn.Linear(width, 2)
                self.act = Activation()

            def forward(self, x):
                return self.second(self.act(self.first(x)))

            def accelerate(self):
                import absent_by_call
                import absent_by_table.kernels


        class Pair(Net):
            def forward(self, x, y):
                return super().forward(x + y), x - y


        class Fields(Net):
            def forward(self, data):
                return {**data, "total_energy": super().forward(data["pos"]).sum().reshape(1, 1)}


        def make(width):
            return Net(width)
    """,
    "tinyplain/layers.py": """
        import torch


        class Activation(torch.nn.Module):
            def forward(self, x):
                return torch.nn.functional.dropout(torch.tanh(x), 0.5, self.training)
    """,
}


def write(folder: Path, changes: Mapping[str, str] | None = None) -> Path:
    """Write the project, with files replaced or added."""
    for name, text in {**FILES, **(changes or {})}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(textwrap.dedent(text))
    return folder


def with_code(project: Path) -> dict[str, str]:
    """The environment of a process that can import the project's code."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(project), os.environ.get("PYTHONPATH", "")])}


def save(project: Path, call: str, cwd: Path, before: str = "") -> subprocess.CompletedProcess[str]:
    """Run ``nequip_pack.save_checkpoint(CALL)``; ``Net``, ``Pair``, ``Fields`` and ``make`` are at hand."""
    script = (
        "import torch, nequip_pack\nfrom tinyplain.net import Fields, Net, Pair, make\n"
        f"torch.manual_seed(3)\nx = torch.randn(5, 3)\n{before}\nnequip_pack.save_checkpoint({call})\n"
    )
    return python("-c", script, cwd=cwd, env=with_code(project))


def run(project: Path, *arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run ``nequip-pack`` where the project's code can be imported."""
    return pack(*arguments, cwd=cwd, env=with_code(project))


def built(project: Path, call: str, cwd: Path, *options: object, **more: Any) -> Path:
    """Save a checkpoint ``a.ckpt`` and build ``a.nequip.zip`` from it."""
    checked(save(project, call, cwd, **more))
    checked(run(project, "build", "a.ckpt", "a.nequip.zip", *options, cwd=cwd))
    return cwd / "a.nequip.zip"
