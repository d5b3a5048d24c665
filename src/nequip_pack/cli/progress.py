"""What long work is at."""

from __future__ import annotations

import sys

from nequip_pack.cli.say import say


def show_stage(stage: str) -> None:
    """A line as a stage begins, for whoever sits in front of a terminal; a pipe or a log gets none.

    Lines, because models and nequip print in between, which would break up a bar or a spinner.
    """
    if sys.stderr.isatty():
        say(f"nequip-pack: {stage}", err=True)
