"""``nequip-pack survey``."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nequip_pack.cli.say import say, say_of, show_elapsed, warn
from nequip_pack.cli.table import show_table
from nequip_pack.errors import Terminated
from nequip_pack.survey.report import FORMATS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from nequip_pack.survey.lines import Line
    from nequip_pack.survey.pools import Pool
    from nequip_pack.survey.run import Plan

_POSITIVE = click.FloatRange(0, min_open=True)


@click.command()
@click.argument("words", metavar="PATH...", nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    default="survey.jsonl",
    metavar="FILE",
    show_default=True,
    help="Add the lines to this file.",
)
@click.option("--verify", is_flag=True, help="Load every package and compare its predictions, too.")
@click.option(
    "--timeout",
    type=_POSITIVE,
    default=600.0,
    show_default=True,
    metavar="SECONDS",
    help="Stop a package after this time.",
)
@click.option(
    "--memory",
    type=_POSITIVE,
    default=8.0,
    show_default=True,
    metavar="GIGABYTES",
    help="Allow a package this much memory.",
)
@click.option(
    "--workers",
    type=click.IntRange(1),
    metavar="N",
    help="Do so many packages at a time.  [default: one per processor]",
)
@click.option("--dask", metavar="ADDRESS", help="Send the work to the Dask cluster with this scheduler.")
@click.option("--dask-config", metavar="FILE", help="Do so with a scheduler file or settings of Dask.")
@click.option("--ship", is_flag=True, help="Send the bytes of packages to Dask workers, not their paths.")
@click.option("--format", "kind", type=click.Choice(FORMATS), help="Write a table next to the output, too.")
@click.option("--strict", is_flag=True, help="Exit with 1 if a step failed for a package.")
def survey(
    words: tuple[str, ...],
    output: str,
    verify: bool,
    timeout: float,
    memory: float,
    workers: int | None,
    dask: str | None,
    dask_config: str | None,
    ship: bool,
    kind: str | None,
    strict: bool,
) -> Path:
    """Run info, check, audit and lint on many packages.

    PATH is a package, a folder, a pattern, or - for a list on standard input. Each package has a line of JSON
    in the output as soon as it is done. What is in the output already, for the same content, is not done
    again.
    """
    from nequip_pack.survey.lines import Limits
    from nequip_pack.survey.paths import packages
    from nequip_pack.survey.report import check_format, counts, shortcomings, write_table
    from nequip_pack.survey.run import Plan
    from nequip_pack.survey.steps import STEPS
    from nequip_pack.writing.signals import StopSignals

    pool = _pool(workers, dask, dask_config, ship)
    if kind:
        check_format(kind, Path(output))
    named = packages(words, (os.fsdecode(line) for line in sys.stdin.buffer))
    for word in named.empty:
        warn(f"{word}: there is no package")
    steps = tuple(name for name, step in STEPS.items() if verify or not step.on_request)
    plan = Plan(named.paths, steps, Limits(timeout, memory), Path(output), ship)
    left = f"{output} has what was done until then; run it again to go on"
    try:
        with StopSignals(), pool as opened:
            lines = _surveyed(plan, opened)
    except KeyboardInterrupt as stop:
        raise Terminated(signal.SIGINT, left) from stop
    except Terminated as stop:
        raise Terminated(stop.signal_number, left) from stop
    if sys.stdout.isatty():
        show_table(counts(lines))
        for line in shortcomings(lines):
            say(line)
    short = sum(bool(line.short) for line in lines)
    say_of(output, f"{len(lines)} package{'s' * (len(lines) != 1)}, {short} with failures")
    if kind:
        say_of(write_table(plan.output, named.paths, kind), "a row for each")
    show_elapsed()
    if strict and short:
        raise click.exceptions.Exit(1)
    return plan.output


def _pool(
    workers: int | None, dask: str | None, dask_config: str | None, ship: bool
) -> AbstractContextManager[Pool]:
    from nequip_pack.survey.pools import available, cluster, local

    context = click.get_current_context()
    if dask is None and dask_config is None:
        if ship:
            raise click.UsageError("--ship is for --dask and --dask-config.", context)
        return local(workers or available())
    if workers is not None or (dask is not None and dask_config is not None):
        raise click.UsageError("Give one of --workers, --dask and --dask-config.", context)
    return cluster(dask, Path(dask_config) if dask_config else None)


def _surveyed(plan: Plan, pool: Pool) -> Sequence[Line]:
    """Survey with a bar, where somebody looks at it."""
    from nequip_pack.survey.run import survey

    if not sys.stderr.isatty():
        return survey(plan, pool, lambda line: None)
    with click.progressbar(length=len(plan.paths), label="packages", file=sys.stderr) as bar:
        return survey(plan, pool, lambda line: bar.update(1))
