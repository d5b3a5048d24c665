"""Files that nobody wrote for us: no crash, no hang, and facts that agree with Python's own reading."""

from __future__ import annotations

import ast
import importlib.util
import random
import signal
import sysconfig
import time
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nequip_lint.facts.collect import facts_of

if TYPE_CHECKING:
    from collections.abc import Iterator

SEED = 20240607
LONGEST = 20
"""Seconds for one file on a busy machine."""


@contextmanager
def limited(path: Path) -> Iterator[None]:
    """Fail instead of hanging, where the platform can interrupt."""

    def stop(*_: object) -> None:
        raise TimeoutError(f"{path} took more than {LONGEST} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(LONGEST)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def sample(folder: Path, count: int) -> list[Path]:
    """Python files below a folder, chosen by a seed that is printed."""
    files = sorted(
        path for path in folder.rglob("*.py") if "site-packages" not in path.relative_to(folder).parts
    )
    chosen = random.Random(SEED).sample(files, min(count, len(files)))
    print(f"seed {SEED}: {len(chosen)} of {len(files)} files below {folder}")
    return chosen


def judge(paths: list[Path]) -> None:
    """Read each file; where Python reads it too, the number of import statements must agree."""
    for path in paths:
        data = path.read_bytes()
        with limited(path):
            found = facts_of(data, path.stem, str(path), path.name == "__init__.py")
        modules = None if found.problem else sum(item.bound != "__import__" for item in found.imports)
        assert modules == _imports(data), f"{path}: {found.problem}"


def _imports(data: bytes) -> int | None:
    """How many modules Python's own tree of a file imports; None where Python refuses the file."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    counts = {ast.Import: lambda node: len(node.names), ast.ImportFrom: lambda node: 1}
    return sum(counts[type(node)](node) for node in ast.walk(tree) if type(node) in counts)


def test_standard_library() -> None:
    paths = sample(Path(sysconfig.get_paths()["stdlib"]), 300)
    assert len(paths) == 300
    judge(paths)


@pytest.mark.parametrize("package", ["torch", "lightning", "ase", "e3nn"])
def test_installed_package(package: str) -> None:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        pytest.skip(f"{package} is not installed here")
    start = time.monotonic()
    paths = sample(Path(spec.origin).parent, 150)
    judge(paths)
    print(f"{len(paths)} files in {time.monotonic() - start:.1f} s")
