"""Folders that are made once, whichever process of the tests needs them first."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from filelock import FileLock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Fill = Callable[[Path], object]
    Once = Callable[[str, Fill], Path]


LIMIT = 600
"""Seconds that a process waits for another one that fills the same folder."""


def made_once(folder: Path, fill: Fill) -> Path:
    """A folder that is there only when it was filled; what is filled may hold its own paths."""
    whole = folder.with_name(f"{folder.name}.whole")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.with_name(f"{folder.name}.lock"), timeout=LIMIT):
        if not whole.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            fill(folder)
            whole.touch()
    return folder
