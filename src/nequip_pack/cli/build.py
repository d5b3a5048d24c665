"""``nequip-pack build``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nequip_pack.cli.proved import counted, show_proof
from nequip_pack.cli.say import say, say_coloured, say_of, show_elapsed, show_stage
from nequip_pack.units import in_bytes

if TYPE_CHECKING:
    from nequip_pack.export import BuildResult
    from nequip_pack.gate import LintGate


@click.command()
@click.argument("checkpoint", metavar="CKPT")
@click.argument("output", metavar="OUT", required=False)
@click.option(
    "--mode",
    metavar="MODE",
    help="Package this set of compile modes.  [default: nequip; eager for a plain checkpoint]",
)
@click.option(
    "--source",
    "sources",
    multiple=True,
    metavar="PATH",
    help="Take this folder as your own code. Repeatable.",
)
@click.option(
    "--example-data", metavar="FILE", help="Take this structure as example, not the checkpoint's own."
)
@click.option("--origin", metavar="FILE", help="Find the package that the model was fine-tuned from here.")
@click.option("--allow", multiple=True, metavar="CODE:MODULE", help="Accept one named loss. Repeatable.")
@click.option(
    "--lint/--no-lint",
    default=True,
    help="Judge the packaged code; closures are compared either way.  [default: lint]",
)
@click.option("--dry-run", is_flag=True, help="Show every module that would be packaged, and write nothing.")
def build(
    checkpoint: str,
    output: str | None,
    mode: str | None,
    sources: tuple[str, ...],
    example_data: str | None,
    origin: str | None,
    allow: tuple[str, ...],
    lint: bool,
    dry_run: bool,
) -> Path | None:
    """Build the package OUT from the checkpoint CKPT.

    The name of OUT ends in .nequip.zip. A fresh process loads the package and must get the checkpoint's
    outputs. Nothing at OUT is touched unless it does.
    """
    from nequip_pack.export import build_package

    if dry_run:
        _plan(checkpoint, output, mode, sources, example_data, origin, allow, lint)
        return None
    if output is None:
        raise click.UsageError("Missing argument 'OUT'.", click.get_current_context())
    result = build_package(
        checkpoint,
        output,
        mode=mode,
        sources=sources,
        example_data=example_data,
        origin=origin,
        allow=allow,
        lint=lint,
        gate=_gate(),
        progress=show_stage,
    )
    _report(result)
    return result.output


def _gate() -> LintGate:
    """The gate, whose findings look as in the linter: with colours in a terminal."""
    from nequip_pack.gate import LintGate

    return LintGate(say_coloured, sys.stderr)


def _plan(
    checkpoint: str,
    output: str | None,
    mode: str | None,
    sources: tuple[str, ...],
    example_data: str | None,
    origin: str | None,
    allow: tuple[str, ...],
    lint: bool,
) -> None:
    from nequip_pack.gate.hooks import Allowance, BuildContext
    from nequip_pack.plan import plan

    context = BuildContext(
        checkpoint=Path(checkpoint),
        output=Path(output or checkpoint),
        sources=tuple(Path(source) for source in sources),
        allow=tuple(Allowance.parse(text) for text in allow),
        lint=lint,
        given_origin=Path(origin) if origin else None,
    )
    plan(context, mode, Path(example_data) if example_data else None, _gate(), say, show_stage)
    click.echo("the gate accepts this build; nothing was written" if lint else "nothing was written")


def _report(result: BuildResult) -> None:
    say_of(result.output, f"{in_bytes(result.size)}, models: {', '.join(result.models)}")
    click.echo(f"modules: {counted(result.collected)}")
    show_proof(result.proof, of="checkpoint")
    show_elapsed()
