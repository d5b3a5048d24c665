"""Text of unknown origin on its way to a terminal."""

from __future__ import annotations


def escaped(text: str) -> str:
    r"""The text with every character that is not printable written as in Python source, such as `\x1b`.

    That is: control characters (terminals obey some of them), line ends, marks that turn the direction of
    writing, surrogates (no encoding has them). Letters of all scripts and blanks stay.

    Args:
        text: one line, or less.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def in_columns(text: str) -> str:
    """The same with one replacement for each such character, tabs kept, so that marks below it still fit.

    Args:
        text: one line of source.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\t" else "\ufffd" for c in text)


def encodable(text: str) -> str:
    r"""The text with its surrogates written as in Python source: the byte FF in a file name as `\udcff`.

    For formats that hold any text, but have to be UTF-8.
    """
    return text.encode("utf-8", "backslashreplace").decode()
