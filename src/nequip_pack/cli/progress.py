"""What long work is at."""

from __future__ import annotations

import sys

import click


def show_stage(stage: str) -> None:
    """A line as a stage begins, for whoever sits in front of a terminal; a pipe or a log gets none.

    Lines, because models and nequip print in between, which would break up a bar or a spinner.
    """
    if sys.stderr.isatty():
        click.echo(f"nequip-pack: {stage}", err=True)
