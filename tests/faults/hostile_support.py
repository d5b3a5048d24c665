"""Packages made wrong on purpose, and the server that runs commands on them."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nequip_pack.format.manifest import Manifest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SERVER = Path(__file__).with_name("hostile_server.py")
GROWTH = 300 << 20
MANIFEST = "model/manifest.json"
Members = dict[str, bytes]
Outcome = dict[str, Any]


class Server:
    """A warm process that runs commands in forks, with limits."""

    def __init__(self, folder: Path) -> None:
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "XDG_CACHE_HOME": str(folder)}
        self._process = subprocess.Popen(
            [sys.executable, str(SERVER)],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, commands: Sequence[Sequence[object]]) -> list[Outcome]:
        """The outcomes of some commands, in order."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([list(map(str, words)) for words in commands]) + "\n")
        self._process.stdin.flush()
        found: list[Outcome] = json.loads(self._process.stdout.readline())
        return found

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


def members_of(package: Path) -> Members:
    """The content of each member by its name below the archive's folder."""
    with zipfile.ZipFile(package) as archive:
        return {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}


def write_package(path: Path, members: Mapping[str, bytes], manifest: bytes | None = None) -> Path:
    """Write members as a package whose checksums are right, and its manifest too unless one is given."""
    content = {name: data for name, data in members.items() if name != MANIFEST}
    if MANIFEST in members:
        content[MANIFEST] = _manifest(content) if manifest is None else manifest
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in content.items():
            archive.writestr(f"archive/{name}", data)
    return path


def _manifest(members: Mapping[str, bytes]) -> bytes:
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in members.items()}
    return Manifest(digests, {name: len(data) for name, data in members.items()}).text.encode()


def reading(package: Path, original: Path) -> list[list[str]]:
    """Every command and function that reads a package and runs nothing of it."""
    name, first = str(package), str(original)
    return [
        ["nequip-pack", "info", name],
        ["nequip-pack", "info", "--json", name],
        ["nequip-pack", "info", "--yaml", name],
        ["nequip-pack", "list", name],
        ["nequip-pack", "check", name],
        ["nequip-pack", "check", "--json", name],
        ["nequip-pack", "diff", "--exit-code", first, name],
        ["nequip-pack", "diff", name, "model/config.yaml", first],
        ["nequip-lint", "--no-cache", name],
        ["python", "type_names", name],
        ["python", "cutoff", name],
        ["python", "model_dtype", name],
    ]


def faults(outcome: Outcome) -> list[str]:
    """What is wrong with the way in which a command ended: no exit code of its own, a hang, growth."""
    found = []
    if outcome["code"] in (70, 1) and "internal error" in outcome["said"]:
        found.append("internal error")
    elif outcome["code"] == 70 or "Traceback" in outcome["said"]:
        found.append("traceback")
    elif outcome["words"][0] == "nequip-lint" and "internal error" in outcome["said"]:
        found.append("internal error")
    if outcome["code"] < 0:
        found.append("hang" if outcome["code"] in (-24, -9, -14) else f"signal {-outcome['code']}")
    if outcome["growth"] > GROWTH:
        found.append("growth")
    return found


MODEL = """
import torch
from hostile_model.layers import Activation


class Net(torch.nn.Module):
    def __init__(self, width=3):
        super().__init__()
        self.first = torch.nn.Linear(3, width)
        self.act = Activation()

    def forward(self, data):
        return {**data, "total_energy": self.act(self.first(data["pos"])).sum().reshape(1, 1)}
"""
LAYERS = """
import torch


class Activation(torch.nn.Module):
    def forward(self, x):
        import numpy

        return torch.tanh(x)
"""
SAVE = """
import torch, nequip_pack
from hostile_model.net import Net

torch.manual_seed(3)
data = {"pos": torch.randn(5, 3), "atom_types": torch.zeros(5, dtype=torch.long)}
nequip_pack.save_checkpoint(
    Net, "a.ckpt", arguments={"width": 6}, example_data=data, type_names=["H", "O"], cutoff=3.0
)
"""
PROJECT = """
[project]
name = "hostile_model"
version = "1"
dependencies = ["torch", "numpy"]

[tool.nequip-lint]
extern-modules = ["numpy"]
"""


def build_small(folder: Path) -> Path:
    """Build a package of a plain model in two files, as ``nequip-pack build`` does."""
    code = folder / "hostile_model"
    code.mkdir()
    files = {"__init__.py": "", "net.py": MODEL, "layers.py": LAYERS, "../pyproject.toml": PROJECT}
    for name, text in files.items():
        (code / name).write_text(text)
    environment = {**os.environ, "PYTHONPATH": str(folder), "OMP_NUM_THREADS": "1"}
    build = ["-m", "nequip_pack", "build", "a.ckpt", "a.nequip.zip"]
    for words in (["-c", SAVE], build):
        done = subprocess.run(
            [sys.executable, *words], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    return folder / "a.nequip.zip"
