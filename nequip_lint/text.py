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
