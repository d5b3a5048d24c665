"""Write changed files: whole or not at all, and only over what was read."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterable
from pathlib import Path

from nequip_lint.engine.fixing import Change
from nequip_lint.errors import LintError


def write(changes: Iterable[Change]) -> None:
    """Replace each file by its new bytes; a link stays a link, and the mode is kept.

    Raises:
        LintError: a file has changed since it was read, or cannot be written; the others are written.
    """
    problems = [problem for change in changes if (problem := _problem(change))]
    if problems:
        raise LintError("; ".join(problems))


def _problem(change: Change) -> str:
    """Write one file; why it could not be, '' where it could."""
    try:
        done = _replace(Path(os.path.realpath(change.path)), change)
    except OSError as error:
        return f"{change.path}: could not be written ({error.strerror}), and is as it was"
    return "" if done else f"{change.path}: has changed since it was read, and was left alone; run again"


def _replace(target: Path, change: Change) -> bool:
    mode = stat.S_IMODE(target.stat().st_mode)
    handle, draft = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(change.after)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).chmod(mode)
        if target.read_bytes() != change.before:
            return False
        Path(draft).replace(target)
    finally:
        Path(draft).unlink(missing_ok=True)
    return True
