"""What the linter asks of the machine: files, folders, variables. Answers can be remembered, and asked again.

All that decides what a run finds goes through here, so that a later run can tell whether anything changed.
pathlib is not imported: a run that only asks again costs little more than starting Python.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

StrPath = str | os.PathLike[str]
Question = tuple[str, str]
"""What is asked, a letter, and of which path or variable."""
_NO_WAITING = getattr(os, "O_NONBLOCK", 0)
_NOT_THERE = (errno.ENOENT, errno.ENOTDIR, errno.EBADF, errno.ELOOP)
_ASKED: ContextVar[dict[Question, bytes] | None] = ContextVar("asked", default=None)
_UNSET = b"\0"


@contextmanager
def noted(answers: dict[Question, bytes]) -> Iterator[None]:
    """Note every question that is asked, with its first answer.

    Args:
        answers: by question; grows.
    """
    token = _ASKED.set(answers)
    try:
        yield
    finally:
        _ASKED.reset(token)


def notes() -> dict[Question, bytes] | None:
    """What was noted so far; None where nothing is noted."""
    return _ASKED.get()


def answer(question: Question) -> bytes:
    """The answer to a question at present; one that the system refuses has an answer too."""
    kind, name = question
    try:
        return _ANSWERS[kind](name)
    except OSError as error:
        return b"\0refused %d" % (error.errno or 0)


def _ask(kind: str, name: StrPath) -> bytes:
    """Ask, and note what the answer is.

    Raises:
        OSError: the system refuses to tell.
    """
    asked, text = _ASKED.get(), os.fspath(name)
    if asked is None:
        return _ANSWERS[kind](text)
    try:
        found = _ANSWERS[kind](text)
    except OSError as error:
        asked.setdefault((kind, text), b"\0refused %d" % (error.errno or 0))
        raise
    asked.setdefault((kind, text), found)
    return found


def read(path: StrPath) -> bytes:
    """The bytes of a file or of what a link leads to; never waits for a pipe or reads a device.

    Raises:
        OSError: the file cannot be read, or is no regular file.
    """
    return _ask("b", path)


def is_file(path: StrPath) -> bool:
    """Whether a path leads to a regular file.

    Raises:
        OSError: the system refuses to tell.
    """
    return _ask("k", path) == b"f"


def is_folder(path: StrPath) -> bool:
    """Whether a path leads to a folder.

    Raises:
        OSError: the system refuses to tell.
    """
    return _ask("k", path) == b"d"


def exists(path: StrPath) -> bool:
    """Whether a path leads to anything.

    Raises:
        OSError: the system refuses to tell.
    """
    return _ask("k", path) != b""


def surely(test: Callable[[StrPath], bool], path: StrPath) -> bool:
    """What one of these tests says of a path; no, where the system refuses to tell."""
    try:
        return test(path)
    except OSError:
        return False


def names(folder: StrPath) -> list[str]:
    """The sorted names in a folder.

    Raises:
        OSError: it is none, or is closed to us.
    """
    return [os.fsdecode(name) for name in _ask("n", folder).split(b"\0") if name]


def names_in(folder: StrPath) -> list[str]:
    """The same; none where there is no folder that we may list."""
    try:
        return names(folder)
    except OSError:
        return []


def entries(folder: StrPath) -> list[tuple[str, bool, bool]]:
    """The sorted names in a folder, each with whether it leads to a folder, and whether it is a link.

    Raises:
        OSError: it is none, or is closed to us.
    """
    found = (item for item in _ask("e", folder).split(b"\0") if item)
    return [(os.fsdecode(item[1:]), item[:1] in b"dD", item[:1] in b"DF") for item in found]


def real(path: StrPath) -> str:
    """A path from the root, links resolved.

    Raises:
        OSError: the links go round in a circle, or the working directory was deleted.
    """
    return os.fsdecode(_ask("r", path))


def variable(name: str) -> str | None:
    """An environment variable; None where it is not set."""
    found = _ask("v", name)
    return None if found == _UNSET else os.fsdecode(found)


def _read(path: str) -> bytes:
    handle = os.open(path, os.O_RDONLY | _NO_WAITING)
    with open(handle, "rb") as opened:  # noqa: PTH123  a descriptor, not a path
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(0, "it is no regular file")
        return opened.read()


def _kind(path: str) -> bytes:
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116  pathlib costs more
    except ValueError:  # a path with a null character
        return b""
    except OSError as error:
        if error.errno in _NOT_THERE:
            return b""
        raise
    return b"f" if stat.S_ISREG(mode) else b"d" if stat.S_ISDIR(mode) else b"o"


def _names(folder: str) -> bytes:
    return b"\0".join(sorted(map(os.fsencode, os.listdir(folder))))  # noqa: PTH208  pathlib costs more


def _entries(folder: str) -> bytes:
    with os.scandir(folder) as found:
        return b"\0".join(_mark(item) + os.fsencode(item.name) for item in sorted(found, key=_name))


def _name(entry: os.DirEntry[str]) -> str:
    return entry.name


def _mark(entry: os.DirEntry[str]) -> bytes:
    try:
        is_folder = entry.is_dir()
    except OSError:
        is_folder = False
    return (b"D" if is_folder else b"F") if entry.is_symlink() else (b"d" if is_folder else b"f")


def _real(path: str) -> bytes:
    found = os.path.realpath(path)
    try:
        os.stat(found)  # noqa: PTH116  pathlib costs more
    except (OSError, ValueError) as error:
        if getattr(error, "errno", 0) == errno.ELOOP:
            raise
    return os.fsencode(found)


def _variable(name: str) -> bytes:
    found = os.environ.get(name)
    return _UNSET if found is None else os.fsencode(found)


_ANSWERS: dict[str, Callable[[str], bytes]] = {
    "b": _read,
    "k": _kind,
    "n": _names,
    "e": _entries,
    "r": _real,
    "v": _variable,
}
