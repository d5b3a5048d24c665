"""Whole-process CPU time of nequip-lint against other linters, on the same trees, in turn: prints ratios.

    python tests/benchmarks/bench_lint.py [RUNS]

Needs an environment with nequip and nequip-allegro (their installed source is what is linted) and, once,
the package index: the other tools are installed under `.cache/bench`. Asserts nothing; machines differ.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".cache" / "bench"
TOOLS = {
    "ruff": ["ruff"],
    "flake8": ["flake8"],
    "fixit": ["fixit"],
    "deptry": ["deptry"],
    "torchfix": ["torchfix"],
}
PARSE = """\
import ast, gc, pathlib, sys
gc.disable()
for path in pathlib.Path(sys.argv[1]).rglob("*.py"):
    try:
        ast.parse(path.read_bytes())
    except SyntaxError:
        pass
"""
"""What no linter that reads every file with `ast` can do without."""
ENTRY_POINT = '[project.entry-points."nequip.extension"]\ninit_always = "{name}"\n'


def tool(name: str) -> Path:
    """The command of another linter, installed in an environment of its own."""
    folder = CACHE / name
    if not (folder / "complete").exists():
        venv.create(folder, with_pip=True, clear=True)
        packages = [*TOOLS[name], *(["flake8"] if name == "torchfix" else [])]
        subprocess.run([folder / "bin" / "python", "-m", "pip", "install", "-q", *packages], check=True)
        (folder / "complete").touch()
    return folder / "bin"


def tree(name: str, folder: Path) -> Path:
    """A project with a copy of an installed package's source."""
    spec = importlib.util.find_spec(name)
    assert spec is not None and spec.origin is not None, f"{name} is not installed"
    project = folder / name
    shutil.copytree(Path(spec.origin).parent, project / name, ignore=shutil.ignore_patterns("__pycache__"))
    text = f'[project]\nname = "{name}"\nversion = "1"\ndependencies = ["nequip>=0.18"]\n'
    (project / "pyproject.toml").write_text(
        text + (ENTRY_POINT.format(name=name) if name != "nequip" else "")
    )
    return project


def empty(folder: Path) -> Path:
    """A project with one empty file: what is left is the start of the command."""
    project = folder / "empty"
    (project / "empty").mkdir(parents=True, exist_ok=True)
    (project / "empty" / "__init__.py").touch()
    (project / "pyproject.toml").write_text('[project]\nname = "empty"\nversion = "1"\n')
    return project


def commands(project: Path) -> dict[str, list[str]]:
    """What is run on a tree, by the name it has in the table."""
    ours = [sys.executable, "-m", "nequip_lint"]
    return {
        "nequip-lint cold": [*ours, "--no-cache", str(project)],
        "nequip-lint warm": [*ours, str(project)],
        "ruff": [str(tool("ruff") / "ruff"), "check", "--no-cache", "--statistics", str(project)],
        "flake8": [str(tool("flake8") / "flake8"), "-j1", str(project)],
        "flake8 + TorchFix": [
            str(tool("torchfix") / "flake8"),
            "-j1",
            "--select=TOR0,TOR1,TOR2",
            str(project),
        ],
        "fixit": [str(tool("fixit") / "fixit"), "lint", str(project)],
        "deptry": [str(tool("deptry") / "deptry"), str(project)],
        "nequip-lint, empty file": [*ours, "--no-cache", str(empty(project.parent))],
        "ast.parse of each file": [sys.executable, "-c", PARSE, str(project)],
        "python -c pass": [sys.executable, "-c", "pass"],
    }


def cpu(command: list[str], folder: Path) -> float:
    """User and system seconds of a process and its children."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(CACHE / "cache")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed tool has its bytecode
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=quiet, stderr=quiet)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime


def main(runs: int) -> None:
    """Run every command in turn, several times, and print medians and ratios to nequip-lint."""
    with tempfile.TemporaryDirectory() as temporary:
        for name in ("allegro", "nequip"):
            project = tree(name, Path(temporary))
            table = commands(project)
            taken: dict[str, list[float]] = {label: [] for label in table}
            for number in range(runs + 1):
                for label, command in table.items():
                    seconds = cpu(command, project)
                    if number:
                        taken[label].append(seconds)
            show(name, {label: statistics.median(times) for label, times in taken.items()})


def show(name: str, medians: dict[str, float]) -> None:
    """One table for one tree."""
    print(f"\n{name}: CPU seconds of the whole process, median")
    cold, warm = medians["nequip-lint cold"], medians["nequip-lint warm"]
    print(f"{'':24}{'seconds':>9}{'/ cold':>9}{'/ warm':>9}")
    for label, seconds in medians.items():
        print(f"{label:24}{seconds:9.3f}{seconds / cold:9.2f}{seconds / warm:9.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
