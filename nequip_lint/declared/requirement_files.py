"""Requirements that stand in files of their own, as pip reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from nequip_lint.contents import read_bytes

NAME = "requirements.txt"
_EGG = re.compile(r"[#&]egg=([\w.-]+)")
_COMMENT = re.compile(r"(^|\s)#.*$")
_OTHER = re.compile(r"(?:-r|--requirement)[ =]*(\S+)")


def requirements_in(path: Path, before: tuple[Path, ...] = ()) -> tuple[str, ...]:
    """The requirements in a file and in those that it names; none where it cannot be read.

    Args:
        path: of the file.
        before: the files that led here, which are not read again.
    """
    try:
        text = read_bytes(path).decode("utf-8-sig", errors="replace")
    except OSError:
        return ()
    lines = text.replace("\\\n", " ").splitlines()
    return tuple(item for line in lines for item in _of(line, path, (*before, path)))


def _of(line: str, path: Path, before: tuple[Path, ...]) -> Iterator[str]:
    egg = _EGG.search(line)
    text = _COMMENT.sub("", line).strip()
    other = _OTHER.match(text)
    if other is not None:
        file = path.parent / other[1]
        yield from requirements_in(file, before) if file not in before else ()
    elif egg is not None and text:
        yield egg[1]
    elif text and text[0] != "-":
        yield text.partition(" --")[0].strip()
