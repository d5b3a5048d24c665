"""Read the INI files of packaging: `setup.cfg`, `entry_points.txt`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from configparser import ConfigParser


def read_ini(text: str, delimiters: tuple[str, ...] = ("=", ":")) -> ConfigParser:
    """The sections of a text.

    Args:
        text: of the file.
        delimiters: between keys and values.

    Raises:
        ValueError: it is no such text.
    """
    from configparser import ConfigParser, Error

    parser = ConfigParser(delimiters=delimiters, interpolation=None)
    try:
        parser.read_string("\n".join(map(_single_blanks, text.split("\n"))))
    except (Error, AttributeError) as error:  # the parser stumbles over a key without a value that goes on
        raise ValueError(str(error).replace("\n", " ")) from error
    return parser


def _single_blanks(line: str) -> str:
    """A line without runs of blanks: looking for a key, the parser takes the square of their length."""
    indent = line[: len(line) - len(line.lstrip())]
    return indent + " ".join(line.split())


def lines_in(text: str, section: str) -> tuple[str, ...]:
    """The `key = value` lines of a section; none in a text of another kind.

    Args:
        text: that may be INI.
        section: its name.
    """
    if f"[{section}]" not in text:
        return ()
    try:
        parser = read_ini(text, delimiters=("=",))
    except ValueError:
        return ()
    return tuple(f"{key} = {value}" for key, value in parser[section].items())
