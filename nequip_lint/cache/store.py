"""The file of a cache: entries by key, each with a digest of its own, replaced whole and at once.

A flipped bit makes one entry useless and never another answer: the digest of an entry covers its key, so
that it answers for no other. A length that is damaged loses the entries behind it.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

try:  # `hashlib` loads OpenSSL, which costs as much as a fifth of `python -c pass`
    from _blake2 import blake2b
except ImportError:
    from hashlib import blake2b

SUFFIX = ".facts"
DRAFT = ".draft"
_MAGIC = b"nequip-lint facts 1\n"
_KEY, _LENGTH, _DIGEST = 16, 4, 16
_HEAD = _KEY + _LENGTH
_MOST = 1 << 29
"""Bytes of a file that are read; the facts of torch take a tenth of it."""


def key_of(content: bytes) -> bytes:
    """The key of what is made from some bytes."""
    return blake2b(content, digest_size=_KEY).digest()


def sealed(key: bytes, value: bytes) -> bytes:
    """A value with the digest that binds it to its key."""
    return blake2b(value, digest_size=_DIGEST, key=key).digest() + value


def opened(key: bytes, entry: bytes) -> bytes | None:
    """The value of an entry; None where it is damaged or belongs to another key."""
    value = entry[_DIGEST:]
    return value if sealed(key, value) == entry else None


def read(file: str | os.PathLike[str]) -> dict[bytes, bytes]:
    """The entries of a file, none where there is no such file or it is something else.

    Raises:
        OSError: something that is no regular file stands in its place, or it is closed to us.
    """
    try:
        data = _content(file)
    except FileNotFoundError:
        return {}
    return dict(_entries(data)) if data.startswith(_MAGIC) else {}


def _content(file: str | os.PathLike[str]) -> bytes:
    """What a regular file holds; a pipe or device is not opened, and a link not followed."""
    if not stat.S_ISREG(os.lstat(file).st_mode):
        raise OSError(f"{file} is no regular file")
    handle = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0))
    with open(handle, "rb") as source:  # noqa: PTH123  a descriptor, not a path
        return source.read(_MOST)


def _entries(data: bytes) -> Iterable[tuple[bytes, bytes]]:
    place = len(_MAGIC)
    while place + _HEAD <= len(data):
        start = place + _HEAD
        end = start + int.from_bytes(data[place + _KEY : start], "little")
        if end > len(data):
            return
        yield data[place : place + _KEY], data[start:end]
        place = end


def write(file: Path, entries: Mapping[bytes, bytes]) -> None:
    """Replace a file by one with these entries; a reader sees the old one or the new one.

    Raises:
        OSError: it cannot be written; then no draft of it is left.
    """
    draft = file.with_name(f"{file.stem}.{os.getpid()}.{time.time_ns()}{DRAFT}")
    try:
        with draft.open("xb") as target:
            target.write(_MAGIC)
            for key, entry in entries.items():
                target.write(key + len(entry).to_bytes(_LENGTH, "little") + entry)
        draft.replace(file)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise
