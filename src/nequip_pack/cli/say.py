"""Text on its way to people: what others wrote in it is escaped, whatever stream it goes to."""

from __future__ import annotations

import os
import re
import shutil
import sys
from time import perf_counter
from typing import Final

import click

from nequip_lint.api import escaped, painted
from nequip_pack.units import in_seconds

_COLOUR: Final = re.compile(r"(\x1b\[(?:[0-2]|3\d|1;3\d)m)")
"""The colours that findings are shown in."""


def say(text: str, *, err: bool = False) -> None:
    """Print lines."""
    click.echo("\n".join(map(escaped, text.split("\n"))), err=err)


def say_of(path: object, text: str) -> None:
    """Print a line about a file. In a terminal the path is shortened from the left until the line fits."""
    shown, rest = escaped(str(path)), escaped(text)
    if sys.stdout.isatty():
        shown = shortened(shown, shutil.get_terminal_size().columns - len(rest) - 2)
    click.echo(f"{painted('place', shown, sys.stdout)}: {rest}", color=True)


def shortened(path: str, room: int) -> str:
    """A path in a number of columns, with an ellipsis for its first folders; its last part stays whole."""
    if len(path) <= room:
        return path
    places = [place for place in range(len(path)) if path[place] == os.sep]
    fitting = [place for place in places if len(path) - place < room] or places[-1:]
    return f"…{path[fitting[0] :]}" if fitting else path


def say_coloured(text: str) -> None:
    """Print lines to standard error whose colours, if any, are wanted there."""
    click.echo("\n".join(map(_escaped, text.split("\n"))), err=True, color=True)


def warn(text: str) -> None:
    """Print a warning."""
    tell("warning", text)


def tell(kind: str, text: str) -> None:
    """Print a line that begins with `error` or `warning` to standard error."""
    line = f"nequip-pack: {painted(kind, f'{kind}:', sys.stderr)} {escaped(' '.join(text.split()))}"
    click.echo(line, err=True, color=True)


def show_stage(stage: str) -> None:
    """A line as a stage of long work begins, for who sits in front of a terminal; a pipe or a log gets none.

    Lines, because models and nequip print in between, which would break up a bar or a spinner.
    """
    if sys.stderr.isatty():
        click.echo(painted("faint", escaped(f"nequip-pack: {stage}"), sys.stderr), err=True, color=True)


def show_elapsed() -> None:
    """The time since the command began, where stages are shown."""
    show_stage(f"done in {in_seconds(perf_counter() - click.get_current_context().obj)}")


def source_line(line: str) -> str:
    """A line of source, whose tabs stay."""
    return "\t".join(map(escaped, line.split("\t")))


def _escaped(line: str) -> str:
    return "".join(part if _COLOUR.fullmatch(part) else source_line(part) for part in _COLOUR.split(line))
