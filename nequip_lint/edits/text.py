"""Source text and its bytes: line ends, encoding and byte order mark stay what they are."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterable
from difflib import SequenceMatcher
from pathlib import Path
from typing import NamedTuple

from nequip_lint.contents import read_bytes
from nequip_lint.edits.declined import Declined
from nequip_lint.values import Edit

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")


class Raw(NamedTuple):
    """The lines of a file with the ends that they have there, and the encoding that gives its bytes."""

    lines: tuple[str, ...]
    encoding: str

    @property
    def text(self) -> str:
        """The text as Python sees it, each line ending in `\\n`."""
        return re.sub("\r\n?", "\n", "".join(self.lines))

    @property
    def data(self) -> bytes:
        """The bytes of the file."""
        return "".join(self.lines).encode(self.encoding)

    @property
    def end(self) -> str:
        """How the first line ends."""
        return _end_of(self.lines[:1], 1) or "\n"


EMPTY = Raw((), "utf-8")


def read_raw(path: Path) -> Raw:
    """The lines of a file.

    Raises:
        Declined: its text cannot be written back byte by byte.
    """
    try:
        data = read_bytes(path)
        encoding = _encoding(data, path)
        text = data.decode(encoding)
    except (OSError, SyntaxError, ValueError, LookupError) as error:
        raise Declined(f"{path.name} cannot be read: {error}") from error
    if text.encode(encoding) != data:
        raise Declined(f"the encoding of {path.name} does not give back its bytes")
    return Raw(tuple(_LINE.findall(text)), encoding)


def _encoding(data: bytes, path: Path) -> str:
    """As Python detects it; of a settings file UTF-8."""
    if path.suffix != ".py":
        return "utf-8"
    return tokenize.detect_encoding(io.BytesIO(data).readline)[0]


def edits_between(path: Path, old: str, new: str) -> tuple[Edit, ...]:
    """The edits that make one text of another, whole lines each and no line more than needed.

    Args:
        path: of the file.
        old: its text, lines ending in `\\n`.
        new: the text that it is to have.
    """
    before, after = _LINE.findall(old), _LINE.findall(new)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    return tuple(
        Edit(str(path), first + 1, last + 1, "".join(after[start:end]))
        for kind, first, last, start, end in matcher.get_opcodes()
        if kind != "equal"
    )


def applied(raw: Raw, edits: Iterable[Edit], end: str = "\n") -> bytes:
    """The bytes of a file after some edits that do not overlap.

    Args:
        raw: the file.
        edits: of this file alone.
        end: of the lines of a file that has none yet.

    Raises:
        Declined: the new text cannot be written in the encoding of the file.
    """
    lines = list(raw.lines)
    for edit in sorted(edits, key=lambda edit: (edit.line, edit.end_line))[::-1]:
        own = _end_of(raw.lines, edit.line) or end
        lines[edit.line - 1 : edit.end_line - 1] = [edit.text.replace("\n", own)]
    try:
        return "".join(lines).encode(raw.encoding)
    except ValueError as error:
        raise Declined(f"the change cannot be written in {raw.encoding}") from error


def _end_of(lines: tuple[str, ...], number: int) -> str:
    """How the line with a number ends, else the one before it; '' for no lines."""
    for line in reversed(lines[:number]):
        stripped = line.rstrip("\r\n")
        if stripped != line:
            return line[len(stripped) :]
    return ""
