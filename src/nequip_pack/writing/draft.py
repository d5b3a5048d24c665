"""The output file: checked before any work, written beside its place, and moved there in one step."""

from __future__ import annotations

import contextlib
import errno
import glob
import os
import re
import secrets
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nequip_pack.errors import OutputError, UsageError
from nequip_pack.locks import abandoned, held, new_locked

if TYPE_CHECKING:
    from types import TracebackType
    from typing import BinaryIO

SUFFIX: Final = ".nequip.zip"
_PARTIAL: Final = ".partial"
_DRAFT: Final = re.compile(rf"\.\d+-[0-9a-f]{{8}}{re.escape(_PARTIAL)}")
"""How the name of a draft goes on after that of the output."""
_NO_ROOM: Final = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)


def check_output(path: Path, suffix: str = SUFFIX) -> Path:
    """Check the name and the folder of an output, and that a file can be made there.

    Args:
        path: of the output.
        suffix: with which its name must end, behind something else.

    Returns:
        The path with links resolved, so that a link stays a link.

    Raises:
        UsageError: for a wrong name, a missing folder, or a folder in its place.
        OutputError: if the folder takes no new file.
    """
    if not path.name.endswith(suffix):
        remedy = f"e.g. {path.stem.removesuffix(SUFFIX.removesuffix('.zip'))}{suffix}"
        raise UsageError(f"the output's name must end in {suffix}", where=path, remedy=remedy)
    if path.name == suffix:
        raise UsageError(f"the output needs a name before {suffix}", where=path, remedy=f"e.g. model{suffix}")
    try:
        _check_place(path)
    except OSError as error:
        why, remedy = os.strerror(error.errno or 0), "give another path, or make this one accessible"
        raise OutputError(
            "the output's place cannot be looked at", where=path, why=why, remedy=remedy
        ) from error
    target = Path(os.path.realpath(path))
    remove_abandoned(target)
    with Draft(target):
        return target


def _check_place(path: Path) -> None:
    if path.is_dir():
        raise UsageError("the output is a folder", where=path, remedy="give the path of a file")
    if not path.parent.is_dir():
        raise UsageError(
            f"there is no folder {path.parent}", where=path, remedy="make it, or give another path"
        )
    if path.exists() and not stat.S_ISREG(path.stat().st_mode):
        raise UsageError("the output is not a regular file", where=path, remedy="give the path of a file")


class Draft:
    """A hidden file beside the output. It vanishes on leaving the context unless :meth:`commit` was called.

    Its lock is held until then, so that no other run takes it for abandoned while it is verified.

    Attributes:
        stream: takes the content.
        needed: the size of the content without its manifest in bytes, where the writer knows it.

    Raises:
        OutputError: from every method, if the file system refuses.
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        self.needed = 0
        try:
            self.path, descriptor = new_locked(lambda: _draft_name(target))
            self._lock = held(descriptor)
        except OSError as error:
            raise failed(target, error) from error
        self.stream: BinaryIO = os.fdopen(descriptor, "w+b")

    def __enter__(self) -> Draft:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self.stream.close()
        self.path.unlink(missing_ok=True)
        if self._lock is not None:
            os.close(self._lock)

    def finish(self) -> int:
        """Bring the content to the disk and close the file; returns its size in bytes."""
        try:
            self.stream.flush()
            os.fsync(self.stream.fileno())
            size = self.stream.tell()
            self.stream.close()
        except OSError as error:
            raise failed(self.target, error) from error
        return size

    def commit(self) -> None:
        """Put the file in its place, whatever was there before, and make the change of the folder durable."""
        try:
            self.path.replace(self.target)
        except OSError as error:
            raise failed(self.target, error) from error
        with contextlib.suppress(OSError):
            _sync_folder(self.target.parent)


def failed(target: Path, error: OSError, needed: int = 0) -> OutputError:
    """The error for an output that could not be written; a previous file is still there.

    Args:
        target: the output.
        error: what the file system said.
        needed: the size of the output without its manifest in bytes, where it is known.
    """
    why = os.strerror(error.errno) if error.errno else str(error)
    remedy = (
        "make room or give another path" if not target.exists() else "the file that was there is untouched"
    )
    if needed and error.errno in _NO_ROOM:
        remedy = f"at least {needed} bytes are needed; {remedy}"
    return OutputError("the file could not be written", where=target, why=why, remedy=remedy)


def remove_abandoned(target: Path) -> None:
    """Remove what a killed build has left beside an output; a build at work holds a lock on its file."""
    for path in target.parent.glob(f".{glob.escape(target.name)}.*{_PARTIAL}"):
        if _DRAFT.fullmatch(path.name.removeprefix(f".{target.name}")):
            with contextlib.suppress(OSError), abandoned(path) as free:
                if free:
                    path.unlink()


def _draft_name(target: Path) -> Path:
    return target.with_name(f".{target.name}.{os.getpid()}-{secrets.token_hex(4)}{_PARTIAL}")


def _sync_folder(folder: Path) -> None:
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
