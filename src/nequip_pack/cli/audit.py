"""``nequip-pack audit``: what would loading it run? Static: no torch, no code of the package."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nequip_lint.api import escaped, painted
from nequip_pack.cli.jsontext import json_text
from nequip_pack.cli.say import say, say_of
from nequip_pack.cli.table import show_table

if TYPE_CHECKING:
    from nequip_pack.audit import Audit

_SHOWN = 50
_KINDS = ("good", "warning", "error")
"""What the levels of findings are painted as."""


@click.command()
@click.argument("package", metavar="PKG")
@click.option(
    "--against", metavar="PKG2", help="Compare with a package that you trust; differences are findings."
)
@click.option(
    "--accept-origin",
    "accepted",
    metavar="DIST",
    multiple=True,
    help="Accept that its source differs from the release. Repeatable.",
)
@click.option(
    "--wheel",
    "wheels",
    metavar="FILE",
    multiple=True,
    type=Path,
    help="Compare with this release. Repeatable.",
)
@click.option("--strict", is_flag=True, help="Exit with 1 if anything is to be reviewed, too.")
@click.option("--json", "as_json", is_flag=True, help="Write the answer as JSON.")
def audit(
    package: str,
    against: str | None,
    accepted: tuple[str, ...],
    wheels: tuple[Path, ...],
    strict: bool,
    as_json: bool,
) -> None:
    """Audit the package PKG before you load it.

    Tells what loading it would run that no model needs, and where its code comes from. Nothing of it is run
    or imported. A finding is something to review, or a reason to refuse the file.
    """
    from nequip_pack.audit import Level, audit_package
    from nequip_pack.audit.run import must_pass
    from nequip_pack.errors import Refused

    found = audit_package(package, against=against, accepted=accepted, wheels=wheels)
    if as_json:
        click.echo(json_text({"version": 1, "path": package, **found.as_json()}))
    else:
        _show(found)
    must_pass(found, Path(package))
    if strict and found.level is Level.EYES:
        raise Refused("the audit found something to review", where=package, remedy="see above")
    if not as_json:
        say_of(package, _last(found))


def _show(found: Audit) -> None:
    for finding in found.findings[:_SHOWN]:
        level = painted(_KINDS[finding.level], finding.level.words, sys.stdout)
        click.echo(f"{level}: {escaped(f'{finding.place}: {finding.what}')}", color=True)
        for line in finding.details:
            say(f"    {line}")
    if len(found.findings) > _SHOWN:
        say(f"… {len(found.findings) - _SHOWN} more (--json has all)")
    rows = [
        (o.name, o.version or "-", f"{o.same} of {o.files} files", _known(o.known_by)) for o in found.origins
    ]
    show_table([("code of", "version", "as released", ""), *rows])


def _known(known_by: str) -> str:
    return f"by {known_by}" if known_by else "of unknown origin"


def _last(found: Audit) -> str:
    if count := len(found.findings):
        things = "thing" if count == 1 else "things"
        return f"{count} {things} to review; no reason to refuse it"
    return f"nothing found: {found.callables} classes and functions in its pickles, all known"
