"""Small projects on disk, facts of small texts, and the command as a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from nequip_lint.closure.world import World
from nequip_lint.engine.run import check
from nequip_lint.engine.selection import Selection
from nequip_lint.facts.collect import facts_of
from nequip_lint.machine.target import Patterns, Target
from nequip_lint.project.assemble import Request
from nequip_lint.project.sources import Sources

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nequip_lint.facts.values import Facts
    from nequip_lint.values import Finding

REPOSITORY = Path(__file__).parents[2]
OWN = Patterns(
    intern=frozenset({"pkg"}), extern=frozenset({"extlib", "io", "sys"}), mock=frozenset({"mocklib"})
)
"""What most worlds of these tests register: the linted package, a library, a mock, as nequip does."""

PLAIN = """\
[project]
name = "mypkg"
version = "1"
dependencies = ["torch"]

[tool.nequip-lint]
internal-packages = ["mypkg"]
roots = ["mypkg.model"]
"""
"""A project whose model is in mypkg/model.py, with torch alone."""
PROJECT = """\
[project]
name = "mypkg"
version = "1"
dependencies = ["torch", "mocklib", "numpy"]

[tool.nequip-lint]
internal-packages = ["mypkg"]
extern-modules = ["optlib", "otherlib", "numpy"]
mock-modules = ["mocklib"]
roots = ["mypkg.model"]
"""
"""A project whose model is in mypkg/model.py, with optional, external and mocked libraries."""


def facts(text: str | bytes, module: str = "pkg.mod", *, is_package: bool = False) -> Facts:
    """The facts of a text that stands for one file."""
    data = text.encode() if isinstance(text, str) else text
    return facts_of(data, module, f"/nowhere/{module.replace('.', '/')}.py", is_package)


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files by their path relative to a folder; returns the folder."""
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode() if isinstance(text, str) else text)
    return folder


def world(
    folder: Path, target: Target | None = None, patterns: Patterns = OWN, installed: Iterable[Path] = ()
) -> World:
    """The packages in a folder, seen from a target; without one, from a machine where all is present."""
    tops = frozenset(entry.name.removesuffix(".py") for entry in folder.iterdir())
    sources = Sources([folder], installed, tops=tops)
    return World(sources, patterns, target or Target(gpu=True, others="present"))


def nequip_lint(*arguments: str | Path, cwd: Path, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    """Run the command as users do, in a process of its own."""
    command = [sys.executable, "-m", "nequip_lint", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=timeout)


def model_findings(folder: Path, model: str, more: Mapping[str, str] | None = None) -> tuple[Finding, ...]:
    """What is said of `PROJECT` with a text of its model, and with other files."""
    files = {"pyproject.toml": PROJECT, "mypkg/__init__.py": "", "mypkg/model.py": model, **(more or {})}
    return tuple(check(Request((write(folder, files),)), Selection()).findings)
