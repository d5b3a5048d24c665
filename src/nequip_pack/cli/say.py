"""Text on its way to people: what others wrote in it is escaped, whatever stream it goes to."""

from __future__ import annotations

import re
import sys
from typing import Final

import click

from nequip_lint.api import escaped

_COLOUR: Final = re.compile(r"(\x1b\[(?:[0-2]|3\d|1;3\d)m)")
"""The colours that findings are shown in."""


def say(text: str, *, err: bool = False) -> None:
    """Print lines."""
    click.echo("\n".join(map(escaped, text.split("\n"))), err=err)


def say_coloured(text: str) -> None:
    """Print lines to standard error whose colours, if any, are wanted there."""
    click.echo("\n".join(map(_escaped, text.split("\n"))), err=True, color=True)


def warn(text: str) -> None:
    """Print a warning."""
    click.echo(f"nequip-pack: warning: {escaped(' '.join(text.split()))}", err=True)


def show_stage(stage: str) -> None:
    """A line as a stage of long work begins, for who sits in front of a terminal; a pipe or a log gets none.

    Lines, because models and nequip print in between, which would break up a bar or a spinner.
    """
    if sys.stderr.isatty():
        say(f"nequip-pack: {stage}", err=True)


def source_line(line: str) -> str:
    """A line of source, whose tabs stay."""
    return "\t".join(map(escaped, line.split("\t")))


def _escaped(line: str) -> str:
    return "".join(part if _COLOUR.fullmatch(part) else source_line(part) for part in _COLOUR.split(line))
