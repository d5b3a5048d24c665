"""``IN OUT`` or ``IN --in-place``: the words that say where a package made from another one goes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable


def source_and_target(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the arguments ``IN`` and ``OUT`` and the option ``--in-place``."""
    place = click.option("--in-place", is_flag=True, help="Replace IN itself; give no OUT then.")
    output = click.argument("output", metavar="OUT", required=False)
    return click.argument("package", metavar="IN")(output(place(command)))


def target(output: str | None, in_place: bool) -> Path | None:
    """The output, or ``None`` for the package itself.

    Raises:
        click.UsageError: for both or neither.
    """
    context = click.get_current_context()
    if output is None and not in_place:
        raise click.UsageError("Missing argument 'OUT' (or --in-place).", context)
    if output is not None and in_place:
        raise click.UsageError(f"--in-place and the output {output!r} exclude each other.", context)
    return None if output is None else Path(output)
