"""`nequip-lint closure` and `nequip-lint why`: the predicted archive, and the chains into it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from nequip_lint.cli.options import request_of, source_options
from nequip_lint.engine.predict import Prediction, predict
from nequip_lint.errors import LintError
from nequip_lint.project.assemble import Request


def _target_options(command: Any) -> Any:
    for decorate in (
        click.option("--present", multiple=True, metavar="LIB", help="Take this library as installed."),
        click.option("--absent", multiple=True, metavar="LIB", help="Take this library as not installed."),
        click.option("--gpu/--no-gpu", default=False, help="Whether the building machine has a GPU."),
        source_options,
    ):
        command = decorate(command)
    return command


def _predict(
    request: Request, present: tuple[str, ...], absent: tuple[str, ...], gpu: bool
) -> list[Prediction]:
    both = sorted(set(present) & set(absent))
    if both:
        raise LintError(f"--present and --absent both name {', '.join(both)}; choose one")
    return [
        item for item in predict(request, frozenset(present), frozenset(absent), gpu) if item.closure.roots
    ]


@click.command()
@_target_options
@click.option("--json", "as_json", is_flag=True, help="Write JSON, with every chain.")
def closure(
    paths: tuple[Path, ...],
    environment: Path | None,
    roots: tuple[str, ...],
    config: Path | None,
    cache: bool,
    present: tuple[str, ...],
    absent: tuple[str, ...],
    gpu: bool,
    as_json: bool,
) -> None:
    """Predict the archive of a model made of PATHS' classes: every module and what happens to it."""
    predictions = _predict(request_of(paths, environment, roots, config, cache), present, absent, gpu)
    if as_json:
        from nequip_lint.reports.machine import closure_json

        documents = [closure_json(item.closure, item.target) for item in predictions]
        click.echo(json.dumps(documents[0] if len(documents) == 1 else documents, indent=2))
        return
    from nequip_lint.reports.prediction import lines

    for item in predictions:
        for line in lines(item):
            click.echo(line)
    if not predictions:
        click.echo("no roots: no class here is seen to be part of a model (name some with --root)")


@click.command()
@click.argument("module")
@_target_options
def why(
    module: str,
    paths: tuple[Path, ...],
    environment: Path | None,
    roots: tuple[str, ...],
    config: Path | None,
    cache: bool,
    present: tuple[str, ...],
    absent: tuple[str, ...],
    gpu: bool,
) -> None:
    """Show every chain of imports that leads from a root to MODULE."""
    from nequip_lint.reports.prediction import why_lines

    predictions = _predict(request_of(paths, environment, roots, config, cache), present, absent, gpu)
    for item in predictions:
        for line in why_lines(item, module):
            click.echo(line)
    if not predictions:
        click.echo("no roots: no class here is seen to be part of a model (name some with --root)")
