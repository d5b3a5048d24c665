"""``nequip-pack diff``: static, as everything that only looks at packages."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from nequip_pack.cli.reading import SUFFIX, opened_package
from nequip_pack.cli.say import source_line

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


@click.command(name="diff")
@click.argument("package", metavar="PKG")
@click.argument("other", metavar="ZIP_PATH|PKG")
@click.argument("local", metavar="[LOCAL]", required=False)
@click.option("--exit-code", is_flag=True, help="Exit with 1 if there are differences.")
def diff(package: str, other: str, local: str | None, exit_code: bool) -> None:
    """Compare a file in PKG with the installed or a LOCAL one, or two packages with each other.

    Lines with + are those of the local file, or of the second package. Source is shown as it is where
    standard output is no terminal, so that the difference can be applied.
    """
    is_package = other.endswith(SUFFIX) and local is None and Path(other).exists()
    lines = _packages(package, other) if is_package else _member(package, other, local)
    is_raw = not (is_package or sys.stdout.isatty())
    for line in lines or ["(no differences)"]:
        shown = line if is_raw else click.style(source_line(line), fg=_COLOURS.get(line[:1]))
        click.echo(shown, color=True if is_raw else None)  # True: nothing is taken out of a raw line
    if exit_code and lines:
        raise click.exceptions.Exit(1)


def _member(package: str, zip_path: str, local: str | None) -> list[str]:
    from nequip_pack.compare.member import difference_from, local_file, member_name

    archive, _ = opened_package(package)
    name = member_name(archive, zip_path)
    return difference_from(archive, name, local_file(name, local))


def _packages(first: str, second: str) -> list[str]:
    from nequip_pack.compare.packages import compare_packages

    found = compare_packages(opened_package(first), opened_package(second))
    return [
        text
        for kind, lines in found.items()
        if lines
        for text in (f"{kind}:", *(f"  {line}" if kind != "configuration" else line for line in lines))
    ]
