"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from nequip_lint.project.assemble import Request

F = TypeVar("F", bound=Callable[..., Any])


def source_options(command: F) -> F:
    """PATHS, --environment, --root, --config and --no-cache."""
    for decorate in (
        click.option("--cache/--no-cache", default=True, help="Keep facts of unchanged files between runs."),
        click.option(
            "--config",
            type=click.Path(path_type=Path, exists=True, dir_okay=False),
            help="Read the settings from this TOML file instead of the project's pyproject.toml.",
        ),
        click.option(
            "--root",
            "roots",
            multiple=True,
            metavar="MODULE[:NAME]",
            help="Take exactly these modules as roots instead of inferring them.",
        ),
        click.option(
            "--environment",
            type=click.Path(path_type=Path, exists=True, file_okay=False),
            help="A virtual environment or site-packages folder whose sources are read, never imported.",
        ),
        click.argument("paths", nargs=-1, type=click.Path(path_type=Path)),
    ):
        command = decorate(command)
    return command


def request_of(
    paths: tuple[Path, ...],
    environment: Path | None,
    roots: tuple[str, ...],
    config: Path | None,
    cache: bool,
) -> Request:
    """The request that the shared options describe; without paths the working directory."""
    return Request(paths or (Path(),), environment, roots, config, cache)
