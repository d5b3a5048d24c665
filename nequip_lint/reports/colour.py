"""Whether to write in colour, and the colours: few enough that no library is needed for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TextIO

from nequip_lint import disk

Paint = Callable[[str, str], str]
"""From a kind of text and the text to what is printed."""

_CODES = {
    "error": "1;31",
    "warning": "1;33",
    "place": "1",
    "edge": "34",
    "mark": "31",
    "help": "32",
    "good": "32",
    "added": "32",
    "removed": "31",
    "faint": "2",
    "title": "1;4",
    "code": "36",
    "link": "4",
}


def plain(kind: str, text: str) -> str:
    """The text as it is."""
    return text


def coloured(kind: str, text: str) -> str:
    """The text in the colour of its kind."""
    return f"\x1b[{_CODES[kind]}m{text}\x1b[0m"


def paint_for(stream: TextIO) -> Paint:
    """Colours in a terminal, none in a pipe or a file.

    `NO_COLOR`, if set and not empty, forbids them (https://no-color.org); after it `FORCE_COLOR` asks for
    them anywhere. Python itself decides in this order for its tracebacks (3.13, `_colorize.py`).
    """
    if disk.variable("NO_COLOR"):
        return plain
    if disk.variable("FORCE_COLOR"):
        return coloured
    return coloured if disk.variable("TERM") != "dumb" and stream.isatty() else plain
