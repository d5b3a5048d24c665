"""The example extension for tests: importable here, installed for other processes, broken, trained."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from softcore_support import Installed, copy_example, declare_installed, shown

if TYPE_CHECKING:
    from pathlib import Path

    from once import Once


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The good example, installed for other processes."""
    project = copy_example(tmp_path_factory.mktemp("good") / "example")
    declare_installed(project)
    return Installed(project)


@pytest.fixture(scope="session")
def broken_example(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The broken variant, installed for other processes."""
    project = copy_example(tmp_path_factory.mktemp("broken") / "example", broken=True)
    declare_installed(project)
    return Installed(project)


@pytest.fixture(scope="session")
def checkpoint(example: Installed, once: Once) -> Path:
    """A checkpoint that nequip-train made from the example's train.yaml, as the README shows it."""

    def train(folder: Path) -> None:
        words = shown("nequip-train", example.project)
        result = example.python("-m", "nequip.scripts.train", *words, cwd=folder)
        assert result.returncode == 0, result.stdout

    return once("example", train) / "run" / "best.ckpt"


@pytest.fixture(scope="session")
def ours(example: Installed, checkpoint: Path, once: Once) -> Path:
    """The package that our build makes of it as the README shows it, without torch_scatter."""

    def build(folder: Path) -> None:
        (folder / "run").symlink_to(checkpoint.parent)
        words = shown("nequip-pack build", example.project)
        result = example.python("-m", "nequip_pack", "build", *words, cwd=folder)
        assert result.returncode == 0, result.stdout

    return once("ours of the example", build) / "model.nequip.zip"
