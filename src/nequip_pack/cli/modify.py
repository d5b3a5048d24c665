"""``nequip-pack modify``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nequip_pack.cli.greedy import GreedyCommand, greedy_words
from nequip_pack.cli.reading import opened_package
from nequip_pack.cli.say import say_of, show_stage
from nequip_pack.cli.table import show_table
from nequip_pack.cli.target import source_and_target, target
from nequip_pack.units import in_bytes

if TYPE_CHECKING:
    from nequip_pack.rewrite.modifiers import Wanted


@click.command(cls=GreedyCommand)
@source_and_target
@click.option(
    "--modifier", metavar="NAME [KEY=VALUE]...", help="Apply this modifier; values are YAML. Repeatable."
)
def modify(package: str, output: str | None, in_place: bool, modifier: str | None) -> Path:
    """Apply persistent modifiers to the package IN.

    The result is the package OUT. This runs the code in the package. Predictions are shown before and after.
    """
    from nequip_pack.rewrite.modify import modify as modified

    place = target(output, in_place)
    wanted = [_wanted(words) for words in greedy_words()]
    if not wanted:
        raise click.UsageError("Missing option '--modifier'.", click.get_current_context())
    found = modified(*opened_package(package), place, wanted, show_stage)
    if found:
        head = ("output", "before (largest)", "after (largest)", "largest difference")
        rows = [(c.name, _number(c.before), _number(c.after), _number(c.difference)) for c in found]
        show_table([head, *rows])
    else:
        click.echo("the predictions for the example data are the same, bit for bit")
    result = Path(output or package)
    say_of(result, f"{in_bytes(result.stat().st_size)}, verified in a fresh process")
    return result


def _wanted(words: list[str]) -> Wanted:
    import yaml

    from nequip_pack.rewrite.modifiers import Wanted

    arguments: dict[str, Any] = {}
    for word in words[1:]:
        key, equals, value = word.partition("=")
        if not equals or not key.isidentifier():
            raise click.UsageError(f"{word!r} is not of the form KEY=VALUE.", click.get_current_context())
        try:
            arguments[key] = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise click.UsageError(f"{word!r} has no YAML value.", click.get_current_context()) from error
    return Wanted(words[0], arguments)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.6g}"
