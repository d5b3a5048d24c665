"""`nequip-lint check`."""

from __future__ import annotations

from pathlib import Path

import click

from nequip_lint.cli.options import request_of, source_options
from nequip_lint.engine.run import Report
from nequip_lint.engine.run import check as run_check
from nequip_lint.engine.selection import Selection, validated
from nequip_lint.values import Severity


def _codes(option: str, given: tuple[str, ...]) -> tuple[str, ...]:
    return validated((code for text in given for code in text.split(",")), option)


@click.command()
@source_options
@click.option("--select", multiple=True, metavar="CODES", help="Run only these codes or prefixes.")
@click.option("--ignore", multiple=True, metavar="CODES", help="Leave these codes or prefixes out.")
@click.option("--strict", is_flag=True, help="Exit 1 on warnings too.")
@click.option(
    "--format",
    "style",
    type=click.Choice(["full", "concise", "json"]),
    default="full",
    show_default=True,
    help="How to write the findings.",
)
@click.option("--statistics", is_flag=True, help="Count the findings per code as well.")
@click.option("--exit-zero", is_flag=True, help="Exit 0 whatever is found.")
def check(
    paths: tuple[Path, ...],
    environment: Path | None,
    roots: tuple[str, ...],
    config: Path | None,
    cache: bool,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    strict: bool,
    style: str,
    statistics: bool,
    exit_zero: bool,
) -> None:
    """Lint PATHS (default: the working directory). Exit 0: no error, 1: errors found, 2: could not run."""
    request = request_of(paths, environment, roots, config, cache)
    report = run_check(request, Selection(_codes("--select", select), _codes("--ignore", ignore)))
    _write(report, style, statistics)
    bad = report.count(Severity.ERROR) + (report.count(Severity.WARNING) if strict else 0)
    raise SystemExit(1 if bad and not exit_zero else 0)


def _write(report: Report, style: str, statistics: bool) -> None:
    if style == "json":
        from nequip_lint.reports.machine import findings_json

        click.echo(findings_json(report))
        return
    from nequip_lint.reports import text

    for line in text.render(report, style):
        click.echo(line)
    if statistics and report.findings:
        click.echo(text.statistics(report))
