"""Long text in a terminal goes through a pager, as git's does."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

_BY_DEFAULT = "less"
_ENVIRONMENT = {"LESS": "FRX", "LV": "-c"}
"""For pagers that are not told otherwise: leave short texts alone, show colours, leave the text there."""


def page_through(lines: Iterable[str]) -> None:
    """Show lines in the pager of the environment; without one, print them.

    `PAGER=cat`, or an empty `PAGER`, wants none.
    """
    text = "".join(f"{line}\n" for line in lines)
    words = _words(os.environ.get("PAGER", _BY_DEFAULT))
    if words in ([], ["cat"]) or not _has_shown(words, text):
        print(text, end="")


def _words(command: str) -> list[str]:
    from shlex import split

    try:
        return split(command)
    except ValueError:  # a quotation mark without its other half
        return []


def _has_shown(words: list[str], text: str) -> bool:
    import signal
    import subprocess

    sys.stdout.flush()
    before = signal.signal(signal.SIGINT, lambda *_: None)  # it is the pager's, which starts without this
    try:
        subprocess.run(words, input=text.encode(), env={**_ENVIRONMENT, **os.environ}, check=False)
    except OSError:  # there is no such program
        return False
    finally:
        signal.signal(signal.SIGINT, before)
    return True
