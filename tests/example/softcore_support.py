"""Copies of the example extension, whole or broken, that other processes can import."""

from __future__ import annotations

import os
import shlex
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

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "example"


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


def shown(command: str, project: Path) -> list[str]:
    """The arguments of a command that the README shows in the folder of the example, for any other folder."""
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    (line,) = [line for line in lines if line.startswith(f"$ {command} ")]
    words = shlex.split(line.removeprefix("$ "))[len(command.split()) :]
    return [str(project) if word in ("$PWD", ".") else word for word in words]


def block(page: str, kind: str) -> str:
    """The text of the first block of a kind, ``yaml`` for example, on a page of the documentation."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return text.partition(f"```{kind}\n")[2].partition("```")[0]


def build_with_us(installed: Installed, checkpoint: Path, output: Path) -> subprocess.CompletedProcess[str]:
    """Package with nequip-pack, the example being the user's own code."""
    arguments = ["build", str(checkpoint), str(output), "--source", str(installed.project)]
    return installed.python("-m", "nequip_pack", *arguments, cwd=output.parent)


@dataclass(frozen=True, slots=True)
class Installed:
    """A copy of the example that other processes can import, and how to run Python there."""

    project: Path

    def python(self, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Run Python with this copy of the example first on its path; stdout and stderr are joined."""
        paths = [str(self.project), *filter(None, [os.environ.get("PYTHONPATH")])]
        fonts = str(self.project.with_name("matplotlib"))  # matplotlib's own list, which is no part of a test
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths), "MPLCONFIGDIR": fonts}
        done = warm_python(*arguments, cwd=cwd, env=environment)
        return subprocess.CompletedProcess(done.args, done.returncode, done.stdout + done.stderr)
