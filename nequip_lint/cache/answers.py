"""Whole answers of earlier runs that found nothing, told again while all that they rest on is as it was.

An answer keeps each question that its run asked of the machine, with a digest of what the machine said. It is
told again to the same arguments in the same folder, if every question still has that answer: contents are
compared and not dates. This version of our own code and tables alone is told by size and date, as for facts.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache

from nequip_lint import disk
from nequip_lint.cache import store
from nequip_lint.cache.place import digest, version_folder

_KEPT = 4
"""Answers that are kept for a working directory."""
_DIGEST = 8
_DAY = 86_400
_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120  pathlib costs more
_TABLES = (os.path.join(_PACKAGE, "_rules"), os.path.join(os.path.dirname(_PACKAGE), "rules"))  # noqa: PTH118, PTH120


def told(arguments: Sequence[str]) -> tuple[int, str] | None:
    """The exit code and the text of an earlier run, None where there is none that still holds.

    Args:
        arguments: of the command.
    """
    with suppress(OSError, ValueError, LookupError):
        file, key = _place(arguments)
        entry = store.read(file).get(key)
        value = store.opened(key, entry) if entry is not None else None
        if value is not None and all(_digest(disk.answer(item)) == seen for item, seen in _asked(value)):
            _use(file)
            length = int.from_bytes(value[1:5], "little")
            return value[0], value[5 : 5 + length].decode("utf-8", "surrogatepass")
    return None


def keep(arguments: Sequence[str], code: int, text: str) -> None:
    """Keep an answer with all that was asked for it; one that cannot be kept is no error.

    Args:
        arguments: of the command.
        code: with which it exits.
        text: what it prints.
    """
    asked = disk.notes()
    if asked is None or any("\0" in name for _, name in asked):
        return
    with suppress(OSError, ValueError):
        file, key = _place(arguments)
        entries = store.read(file)
        entries.pop(key, None)
        entries[key] = store.sealed(key, _packed(code, text, asked))
        _write(file, dict(list(entries.items())[-_KEPT:]))


def _write(file: str, entries: Mapping[bytes, bytes]) -> None:
    from pathlib import Path

    from nequip_lint.cache import upkeep

    upkeep.make_folder(Path(file).parent)
    store.write(Path(file), entries)


def _use(file: str) -> None:
    """Date a file that is used, once a day, so that it is not removed."""
    if time.time() - os.lstat(file).st_mtime > _DAY:
        from pathlib import Path

        from nequip_lint.cache import upkeep

        upkeep.use(Path(file))


def _place(arguments: Sequence[str]) -> tuple[str, bytes]:
    """The file of the answers in this working directory, and the key of one.

    Raises:
        OSError: there is no working directory, or no folder for caches.
    """
    folder, here = version_folder("answers-", _stamps()), os.getcwd()  # noqa: PTH109  compared as text
    if folder is None:
        raise OSError("there is no folder for caches")
    key = repr((list(arguments), here, sys.prefix, sys.stdout.isatty()))
    name = f"{digest(here)}{store.SUFFIX}"
    return os.path.join(folder, name), store.key_of(key.encode("utf-8", "surrogatepass"))  # noqa: PTH118


@cache
def _stamps() -> list[tuple[str, int, int]]:
    """Size and date of each file of our own that decides what is found, as they are at the start of a run."""
    return sorted(stamp for folder in (_PACKAGE, *_TABLES) for stamp in _stamps_in(folder))


def _stamps_in(folder: str) -> Iterator[tuple[str, int, int]]:
    try:
        with os.scandir(folder) as found:
            for item in found:
                if item.is_dir():
                    yield from _stamps_in(item.path) if item.name != "__pycache__" else ()
                else:
                    about = item.stat()
                    yield item.path, about.st_size, about.st_mtime_ns
    except FileNotFoundError:
        return


def _packed(code: int, text: str, asked: Mapping[disk.Question, bytes]) -> bytes:
    data = text.encode("utf-8", "surrogatepass")
    head = code.to_bytes(1, "little") + len(data).to_bytes(4, "little") + data
    parts = (_digest(answer) + kind.encode() + os.fsencode(name) for (kind, name), answer in asked.items())
    return head + b"".join(len(part).to_bytes(4, "little") + part for part in parts)


def _asked(value: bytes) -> Iterator[tuple[disk.Question, bytes]]:
    """The questions of an answer, each with the digest of what the machine said."""
    place = 5 + int.from_bytes(value[1:5], "little")
    while place < len(value):
        start = place + 4
        place = start + int.from_bytes(value[place:start], "little")
        part = value[start:place]
        kind = part[_DIGEST : _DIGEST + 1].decode()
        yield (kind, os.fsdecode(part[_DIGEST + 1 :])), part[:_DIGEST]


def _digest(answer: bytes) -> bytes:
    return store.key_of(answer)[:_DIGEST]
