"""Folders in the temporary directory that go away, at the latest when the next run makes one.

A run that is killed cannot clean up. Each folder therefore holds a lock file, whose name is our mark: what is
named like our folders and lacks it, belongs to another user or is a link, is nobody's business here.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import weakref
from pathlib import Path
from typing import Final

from nequip_pack.errors import OutputError
from nequip_pack.locks import abandoned, new_locked

PREFIX: Final = "nequip-pack-"
LOCK: Final = ".nequip-pack.lock"
_CONTENT: Final = "work"


class Scratch:
    """An empty folder, removed on leaving the context, or with this object.

    Attributes:
        path: the folder.

    Raises:
        OutputError: if there is no place for one.
    """

    def __init__(self) -> None:
        _sweep()
        made: list[Path] = []

        def name() -> Path:
            made.append(Path(tempfile.mkdtemp(prefix=PREFIX)))
            return made[-1] / LOCK

        try:
            lock, descriptor = new_locked(name)
            self.path = lock.with_name(_CONTENT)
            self._finalizer = weakref.finalize(self, _finish, lock.parent, descriptor)
            self.path.mkdir()
        except OSError as error:
            why, remedy = os.strerror(error.errno or 0), "set TMPDIR to a folder that has room"
            raise OutputError("a temporary folder could not be made", why=why, remedy=remedy) from error
        except BaseException:  # a signal, before there is anything that removes it
            for folder in made:
                shutil.rmtree(folder, ignore_errors=True)
            raise

    def __enter__(self) -> Path:
        return self.path

    def __exit__(self, *error: object) -> None:
        self._finalizer()


def _finish(folder: Path, descriptor: int) -> None:
    _remove(folder)
    os.close(descriptor)


def _sweep() -> None:
    """Remove what killed runs have left."""
    for folder in _folders():
        with contextlib.suppress(OSError), abandoned(folder / LOCK) as free:
            if free:
                _remove(folder)


def _folders() -> list[Path]:
    """The folders of this user that are named like ours."""
    try:
        with os.scandir(tempfile.gettempdir()) as entries:
            found = [entry for entry in entries if entry.name.startswith(PREFIX)]
            return [
                Path(entry.path) for entry in found if entry.is_dir(follow_symlinks=False) and _own(entry)
            ]
    except OSError:
        return []


def _own(entry: os.DirEntry[str]) -> bool:
    return not hasattr(os, "getuid") or entry.stat(follow_symlinks=False).st_uid == os.getuid()


def _remove(folder: Path) -> None:
    """Remove a folder of ours; the mark goes last, so that what resists is tried again by the next run."""
    shutil.rmtree(folder / _CONTENT, ignore_errors=True)
    with contextlib.suppress(OSError):
        if [path.name for path in folder.iterdir()] == [LOCK]:
            (folder / LOCK).unlink()
            folder.rmdir()
