"""Folders that are made once, whichever process of the tests needs them first."""

from __future__ import annotations

import fcntl
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Fill = Callable[[Path], object]
    Once = Callable[[str, Fill], Path]


@contextmanager
def alone(place: Path) -> Iterator[None]:
    """Within, this process is the only one that is in here for the same place."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.with_name(f"{place.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def made_once(folder: Path, fill: Fill) -> Path:
    """A folder that is there only when it was filled; what is filled may hold its own paths."""
    whole = folder.with_name(f"{folder.name}.whole")
    with alone(folder):
        if not whole.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            fill(folder)
            whole.touch()
    return folder
