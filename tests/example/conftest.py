"""The example extension for tests: importable here, installed for other processes, broken, trained."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from softcore_support import Installed, copy_example, declare_installed

if TYPE_CHECKING:
    from pathlib import Path


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
def checkpoint(example: Installed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint that nequip-train made from the example's train.yaml."""
    folder = tmp_path_factory.mktemp("training")
    arguments = ["-cp", str(example.project), "-cn", "train", f"hydra.run.dir={folder / 'run'}"]
    result = example.python("-m", "nequip.scripts.train", *arguments, cwd=folder)
    assert result.returncode == 0, result.stdout
    return folder / "run" / "best.ckpt"
