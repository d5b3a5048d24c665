"""The example extension for tests: importable here, installed for other processes, broken, trained."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from softcore_support import Installed, copy_example, declare_installed

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
    """A checkpoint that nequip-train made from the example's train.yaml."""

    def train(folder: Path) -> None:
        words = ["-cp", str(example.project), "-cn", "train", "hydra.run.dir=run"]
        result = example.python("-m", "nequip.scripts.train", *words, cwd=folder)
        assert result.returncode == 0, result.stdout

    return once("example", train) / "run" / "best.ckpt"
