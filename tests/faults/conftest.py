"""A small package, small disks, and tables for people."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from hostile_support import Server, build_small

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path


@pytest.fixture(scope="session")
def small_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package of two short sources, from a plain checkpoint."""
    return build_small(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Runs commands in forks, with limits."""
    made = Server(tmp_path_factory.mktemp("server"))
    yield made
    made.close()


@pytest.fixture
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[int], Path]]:
    """Makes a file system of its own in memory, of so many bytes."""
    folder = tmp_path_factory.mktemp("disk")
    if shutil.which("mount") is None:
        pytest.skip("there is no mount command")

    def mounted(size: int) -> Path:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
        done = subprocess.run(mount, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
        return folder

    yield mounted
    if folder.is_mount():
        subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def show(request: pytest.FixtureRequest, seed: int) -> Callable[[str, Mapping[str, Mapping[str, int]]], None]:
    """Have a table of counts printed at the end."""

    def table(title: str, rows: Mapping[str, Mapping[str, int]]) -> None:
        columns = sorted({name for row in rows.values() for name in row})
        widths = [max(len(name), 5) for name in columns]
        cells = [[name.rjust(width) for name, width in zip(columns, widths, strict=True)]]
        for row in rows.values():
            counts = [str(row.get(name, 0)) for name in columns]
            cells.append([count.rjust(width) for count, width in zip(counts, widths, strict=True)])
        lines = [f"{label:26}" + "  ".join(row) for label, row in zip(("", *rows), cells, strict=True)]
        text = "\n".join([f"{title} (seed {seed})", *lines])
        request.node.user_properties.append(("table", text))

    return table
