"""``nequip-pack rehearse``."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from nequip_pack.absent import hidden
from nequip_pack.cli.proved import counted, show_proof
from nequip_pack.cli.say import say, say_coloured, say_of, show_elapsed, show_stage
from nequip_pack.scratch import Scratch
from nequip_pack.units import in_bytes
from nequip_pack.writing.signals import StopSignals

if TYPE_CHECKING:
    from pathlib import Path

    from nequip_pack.machines import Settings
    from nequip_pack.rehearsal import Rehearsed

_LIKE_NEQUIP = {"ignore_unknown_options": True}
"""What is no option of ours is one of Hydra's, which says so if it is not."""


@click.command("rehearse", context_settings=_LIKE_NEQUIP)
@click.argument("words", metavar="-cp DIR -cn NAME [KEY=VALUE]...", nargs=-1, type=click.UNPROCESSED)
@click.option("--data", is_flag=True, help="Take statistics and example from the training data.")
@click.option("--example-data", metavar="FILE", help="Take this structure as example.")
@click.option("--keep", metavar="OUT", help="Keep the package as OUT (.rehearsed.nequip.zip).")
@click.option("--mode", metavar="MODE", help="Package this set of compile modes.  [default: nequip]")
@click.option(
    "--source",
    "sources",
    multiple=True,
    metavar="PATH",
    help="Take this folder as your own code. Repeatable.",
)
@click.option("--allow", multiple=True, metavar="CODE:MODULE", help="Accept one named loss. Repeatable.")
@click.option(
    "--lint/--no-lint",
    default=True,
    help="Judge the packaged code; closures are compared either way.  [default: lint]",
)
@click.option("--compile", "compiled", is_flag=True, help="Run the models of the other compile modes, too.")
@click.option("--absent", multiple=True, metavar="LIB", help="Hide an installed library. Repeatable.")
@click.option(
    "--all-machines",
    is_flag=True,
    help="Repeat it without each optional library that is reached, one at a time, and without a GPU.",
)
def command(
    words: tuple[str, ...],
    data: bool,
    example_data: str | None,
    keep: str | None,
    mode: str | None,
    sources: tuple[str, ...],
    allow: tuple[str, ...],
    lint: bool,
    compiled: bool,
    absent: tuple[str, ...],
    all_machines: bool,
) -> Path | None:
    """Package a model before you train it.

    The arguments are those of nequip-train: replace its name by `nequip-pack rehearse`. The model gets
    untrained weights. No data is read and nothing is written, unless you ask for it: statistics of the
    training data are made up, and the example is made from the model's types and cutoff. A fresh process
    loads the package and must get the model's outputs. The trainer, its callbacks and, without --data, the
    data are not looked at.

    --all-machines shows a table: what happens on machines that lack one thing, and what a package built there
    lacks. It ends with 1 if one fails that the registrations promise to serve. Without a registered library
    the package must be built all the same. Without a mocked one, and without a GPU, it must also load. An
    external library that its code imports at once is needed where it loads.
    """
    from nequip_pack.machines import Settings, go_on_without

    go_on_without(absent, say)
    options = {"data": data, "example_data": example_data, "mode": mode, "lint": lint}
    settings = Settings(words, {**options, "compiled": compiled, "sources": sources, "allow": allow})
    with StopSignals():
        done = _everywhere(settings, keep) if all_machines else _here(settings, keep)
    show_elapsed()
    return done.kept


def _here(settings: Settings, keep: str | None) -> Rehearsed:
    done = _rehearsed(settings, keep)
    _report(done)
    return done


def _everywhere(settings: Settings, keep: str | None) -> Rehearsed:
    """Keep the package for as long as other machines need it."""
    from nequip_pack.cli.machines import show_machines
    from nequip_pack.rehearsal.rehearse import SUFFIX

    with Scratch() as folder:
        done = _rehearsed(settings, keep or str(folder / f"here{SUFFIX}"))
        told = done if keep else replace(done, kept=None)
        _report(told)
        show_machines(done, settings)
    return told


def _rehearsed(settings: Settings, keep: str | None) -> Rehearsed:
    from nequip_pack.gate import LintGate

    return settings.rehearse(keep=keep, gate=LintGate(say_coloured, sys.stderr), progress=show_stage)


def _report(done: Rehearsed) -> None:
    from nequip_pack.verify.needs import OPTIONAL

    say_of(done.path, f"it packages; {in_bytes(done.size)}, models: {', '.join(done.models)}")
    click.echo(f"modules: {counted(done.closure)}")
    say(
        f"built with: {', '.join(_version(name, version) for name, version in sorted(done.versions.items()))}"
    )
    wanted = [_version(need.name, need.built_with) for need in done.needs if need.state != OPTIONAL]
    say(f"needed where it is loaded: {', '.join(wanted)}")
    if optional := [need.name for need in done.needs if need.state == OPTIONAL]:
        say(f"not needed to load: {', '.join(optional)}")
    if absent := hidden().imports:
        say(f"as on a machine without {', '.join(sorted(absent))}")
    if done.statistics:
        say(f"statistics made up, without the data: {', '.join(sorted(done.statistics))}")
    show_proof(done.proof, of="untrained model")
    if done.kept:
        say_of(done.kept, "kept; its weights are not trained")
    else:
        say("nothing was written")


def _version(name: str, version: str | None) -> str:
    return name if version is None else f"{name} {version}"
