"""Changes of files: shown as one diff, written whole or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from nequip_lint.edits.declined import Declined
from nequip_lint.errors import LintError


class Change(NamedTuple):
    """The bytes of a file before and after; None before where the file is new."""

    path: Path
    before: bytes | None
    after: bytes


def write(changes: Iterable[Change]) -> None:
    """Write each file beside its place, then rename; a link stays a link, the mode is kept.

    Raises:
        LintError: a file is not what it was when it was read, or cannot be written; it is left as it was, and
            the others are written.
    """
    problems = [problem for change in changes if (problem := _problem(change))]
    if problems:
        raise LintError("; ".join(problems))


def _problem(change: Change) -> str:
    """Write one file; why it could not be, '' where it could."""
    try:
        is_done = _replace(Path(os.path.realpath(change.path)), change)
    except OSError as error:
        return f"{change.path}: could not be written ({error.strerror}), and is as it was"
    return "" if is_done else f"{change.path}: has changed since it was read, and was left alone; run again"


def _replace(target: Path, change: Change) -> bool:
    handle, draft = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(change.after)
            file.flush()
            os.fsync(file.fileno())
        now = target.read_bytes() if target.is_file() else None
        if now != change.before:
            return False
        Path(draft).chmod(_mode(target))
        Path(draft).replace(target)
    finally:
        Path(draft).unlink(missing_ok=True)
    return True


def _mode(target: Path) -> int:
    """The mode of a file, of a new one what the process gives to new files."""
    if target.is_file():
        return stat.S_IMODE(target.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def diff(changes: Iterable[Change], names: Iterable[str]) -> bytes:
    """The changes as one unified diff, in the bytes of the files; `git apply` and `patch -p1` take it.

    Args:
        changes: to show.
        names: of the files, as the diff is to have them.
    """
    return b"".join(line for change, name in zip(changes, names, strict=True) for line in _diff(change, name))


def _diff(change: Change, name: str) -> Iterator[bytes]:
    import difflib

    before = b"/dev/null" if change.before is None else _quoted(f"a/{name}")
    old, new = _lines(change.before or b""), _lines(change.after)
    found = difflib.diff_bytes(difflib.unified_diff, old, new, before, _quoted(f"b/{name}"), lineterm=b"\n")
    for line in found:
        yield line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n"


def _quoted(name: str) -> bytes:
    """A file's name in a diff; one that is no text of one line stands in quotes with escapes, as git does."""
    if name.isprintable() and not set(name) & set('"\\'):
        return name.encode()
    return f'"{"".join(map(_octal, os.fsencode(name)))}"'.encode()


def _octal(byte: int) -> str:
    return chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\{byte:03o}"


def _lines(data: bytes) -> list[bytes]:
    *whole, rest = data.split(b"\n")
    return [*(line + b"\n" for line in whole), *([rest] if rest else [])]


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Let a command end where a file is not changed.

    Raises:
        LintError: it is not, with the reason.
    """
    try:
        yield
    except Declined as reason:
        raise LintError(f"{path}: {reason}; change it by hand") from reason
    except RecursionError as error:  # libcst's visitors descend on Python's stack
        raise LintError(f"{path}: is nested too deeply; change it by hand") from error
