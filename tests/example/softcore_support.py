"""Copies of the example extension, whole or broken, that other processes can import."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from warm import warm_python

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

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
        done = warm_python(*arguments, cwd=cwd, env=environment)
        return subprocess.CompletedProcess(done.args, done.returncode, done.stdout + done.stderr)
