"""The packages that words name: files, folders, patterns, and lists on standard input."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nequip_pack.errors import InputError
from nequip_pack.writing.draft import SUFFIX

LIST: Final = "-"


@dataclass(frozen=True, slots=True)
class Named:
    """What words name.

    Attributes:
        paths: absolute, each once, in the order of the words and of names.
        empty: the folders and patterns that name no package.
    """

    paths: tuple[str, ...]
    empty: tuple[str, ...]


def packages(words: Iterable[str], listed: Iterable[str]) -> Named:
    """Look for packages. A file that is named by its path need not exist: its line will tell.

    Args:
        words: a folder stands for all packages in it, ``-`` for the list.
        listed: more words, a line each.

    Raises:
        InputError: if there is none at all.
    """
    found = {word: list(_meant(word)) for word in _all(words, listed)}
    paths = dict.fromkeys(str(Path(path).absolute()) for each in found.values() for path in each)
    empty = tuple(word for word, each in found.items() if not each)
    if not paths:
        where, remedy = " ".join(empty), "name packages, folders with some, or patterns"
        raise InputError("there is no package to survey", where=where, remedy=remedy)
    return Named(tuple(paths), empty)


def _all(words: Iterable[str], listed: Iterable[str]) -> Iterator[str]:
    for word in words:
        if word == LIST:
            yield from filter(None, (line.rstrip("\r\n") for line in listed))
        else:
            yield word


def _meant(word: str) -> Iterator[str]:
    if os.path.isdir(word):  # noqa: PTH112  never raises
        yield from _in_folder(word)
    elif glob.has_magic(word) and not os.path.lexists(word):
        yield from sorted(glob.iglob(word, recursive=True))  # noqa: PTH207  it may be absolute
    else:
        yield word


def _in_folder(folder: str) -> Iterator[str]:
    for place, folders, files in os.walk(folder):
        folders.sort()
        yield from (os.path.join(place, name) for name in sorted(files) if name.endswith(SUFFIX))  # noqa: PTH118
