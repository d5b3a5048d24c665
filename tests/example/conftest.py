"""The example extension for tests: importable here, installed for other processes, broken, trained."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLE = Path(__file__).parents[2] / "docs" / "example"


def copy_example(target: Path, *, broken: bool = False) -> Path:
    """Copy the example project to ``target``, in its broken variant if asked for."""
    shutil.copytree(EXAMPLE, target, ignore=shutil.ignore_patterns("__pycache__"))
    if broken:
        shutil.copy(
            EXAMPLE / "broken" / "softcore_kernel.py.txt", target / "nequip_softcore" / "softcore_kernel.py"
        )
    return target


def declare_installed(project: Path) -> None:
    """Write the metadata that pip would write, so that processes with ``project`` on their path find it."""
    settings = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    metadata = project / f"nequip_softcore-{settings['version']}.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {settings['name']}\nVersion: {settings['version']}\n"
    )
    ((group, names),) = settings["entry-points"].items()
    lines = "\n".join(f"{name} = {value}" for name, value in names.items())
    (metadata / "entry_points.txt").write_text(f"[{group}]\n{lines}\n")


@dataclass(frozen=True, slots=True)
class Installed:
    """A copy of the example that other processes can import, and how to run Python there."""

    project: Path

    def python(self, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Run Python with this copy of the example first on its path; stdout and stderr are joined."""
        paths = [str(self.project), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths), "MPLCONFIGDIR": str(cwd)}
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=cwd,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )


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


@pytest.fixture(scope="module")
def softcore() -> Iterator[None]:
    """Make nequip_softcore importable in this process, and leave nequip's registry as it was."""
    package_utils = pytest.importorskip("nequip.scripts._package_utils", reason="needs nequip")
    before = set(package_utils._EXTERNAL_MODULES)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(EXAMPLE))
        yield
    package_utils._EXTERNAL_MODULES.clear()
    package_utils._EXTERNAL_MODULES.update(before)
    for name in [name for name in sys.modules if name.partition(".")[0] == "nequip_softcore"]:
        del sys.modules[name]
