"""Which names members may have: those that mean the same file to every reader, on every system.

torch and nequip write none of the others. ``aux.py`` and its like, which Windows reserves, are allowed all
the same: they are good names of Python modules elsewhere, and no reader makes files of such names.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_DRIVE: Final = re.compile(r"[A-Za-z]:")
_NOT_IN_FILES: Final = frozenset('<>:"|?*')
"""Characters that Windows has in no file's name; a colon leads to a drive or to a stream of another file."""
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Categories of characters that control a terminal or the direction of writing, or end a line."""


def problem(name: str) -> str:
    """What is wrong with a member's name, '' if nothing is.

    Args:
        name: with the archive's top-level folder, which is named after a file and so has more freedom.
    """
    folder, *parts = name.split("/")
    if any(part in ("", ".", "..") for part in (folder, *parts)) or "\\" in name or _DRIVE.match(name):
        return "leads out of the archive"
    if not (name.isascii() and name.isprintable()) and _has_unseen(name):
        return "has a character that cannot be seen"
    if any(part[-1] in " ." or part[0] == " " for part in (folder, *parts)):
        return "begins or ends with a blank, or ends with a dot"
    if not _NOT_IN_FILES.isdisjoint("".join(parts)):
        return "has a character that not every system allows"
    return "" if name.isascii() or (plain := _plain(name)) == name else problem(plain)


def _plain(name: str) -> str:
    """The name with letters in place of what stands for them: wide ones, those with accents put behind."""
    import unicodedata

    return unicodedata.normalize("NFKC", name)


def _has_unseen(name: str) -> bool:
    import unicodedata

    return any(unicodedata.category(character) in _UNSEEN for character in name)


def clash(members: Iterable[str], folders: Iterable[str]) -> str:
    """Which two names are one on some system, or which member lies below another; '' if none do.

    Args:
        members: names of files.
        folders: names of entries that are folders.
    """
    known: dict[str, str] = {}
    for name in members:
        if (key := _folded(name)) in known:
            return f"two members share one name: {known[key]} and {name}"
        known[key] = name
    below = {**known, **{f"{_folded(name)}/": f"{name}/" for name in folders}}
    above: dict[str, str] = {}
    for key, name in below.items():
        folder = key.rpartition("/")[0]
        while folder and folder not in above:
            above[folder] = name
            folder = folder.rpartition("/")[0]
    both = next((key for key in known if key in above), None)
    return "" if both is None else f"the member {known[both]} is a folder too, with {above[both]} in it"


def _folded(name: str) -> str:
    """The name as file systems compare it that know neither case nor ways to write an accent."""
    return name.lower() if name.isascii() else _plain(_plain(name).casefold())
