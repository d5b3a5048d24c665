"""``nequip-pack diff``: static, as everything that only looks at packages."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from nequip_lint.api import painted
from nequip_pack.cli.reading import opened_package
from nequip_pack.cli.say import say_of, source_line
from nequip_pack.writing.draft import SUFFIX

_KINDS = {"+": "added", "-": "removed", "@": "code"}


@click.command(name="diff")
@click.argument("package", metavar="PKG")
@click.argument("other", metavar="ZIP_PATH|PKG")
@click.argument("local", metavar="[LOCAL]", required=False)
@click.option(
    "--html", "page", type=Path, metavar="OUT", help="Write how two packages differ as an HTML page."
)
@click.option("--exit-code", is_flag=True, help="Exit with 1 if there are differences.")
def diff(package: str, other: str, local: str | None, page: Path | None, exit_code: bool) -> Path | None:
    """Compare two packages, or a file in PKG with a local one.

    The local file is LOCAL, or the installed one.
    Lines with + are those of the local file, or of the second package. Source is shown as it is where
    standard output is no terminal, so that the difference can be applied.
    """
    is_package = other.endswith(SUFFIX) and local is None and Path(other).exists()
    if page is not None:
        if not is_package:
            raise click.UsageError("--html compares two packages.", click.get_current_context())
        _write_page(package, other, page, exit_code)
        return page
    lines = _packages(package, other) if is_package else _member(package, other, local)
    is_raw = not (is_package or sys.stdout.isatty())
    shown = lines or ["(no differences)"]
    # at once, since each call flushes; in colour, since then nothing is taken out of a line
    click.echo("\n".join(shown if is_raw else map(_coloured, shown)), color=True)
    if exit_code and lines:
        raise click.exceptions.Exit(1)
    return None


def _write_page(first: str, second: str, output: Path, exit_code: bool) -> None:
    from nequip_pack.report.differences import differences, page
    from nequip_pack.writing.publication import publishing

    packages = opened_package(first), opened_package(second)
    with publishing(output, ".html") as publication:
        found = differences(*packages)
        text = page(found).encode(errors="backslashreplace")
        publication.publish(lambda draft: draft.stream.write(text), lambda *_: None)
    say_of(output, f"{first} and {second} {'differ' if found.is_any else 'do not differ'}")
    if exit_code and found.is_any:
        raise click.exceptions.Exit(1)


def _coloured(line: str) -> str:
    kind, shown = _KINDS.get(line[:1]), source_line(line)
    return painted(kind, shown, sys.stdout) if kind else shown


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
