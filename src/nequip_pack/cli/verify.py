"""``nequip-pack verify``."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from nequip_pack.cli.progress import show_stage
from nequip_pack.cli.reading import opened_package
from nequip_pack.cli.say import say
from nequip_pack.cli.table import table


@click.command()
@click.argument("package", metavar="PKG")
@click.option("--physics", is_flag=True, help="Check symmetries, and forces against the energy, too.")
@click.option("--json", "as_json", is_flag=True, help="The answer as JSON.")
def verify(package: str, physics: bool, as_json: bool) -> None:
    """Load PKG in a fresh process, where its code cannot come from here, and check what it computes.

    This runs the code in the package. Predictions are compared with those that were stored when it was built.
    """
    from nequip_pack.build.signals import StopSignals
    from nequip_pack.errors import Refused
    from nequip_pack.format.records import GONE, records_gone
    from nequip_pack.verify.report import FAILED, UNCHECKED
    from nequip_pack.verify.run import verify as verified

    archive, metadata = opened_package(package)
    show_stage("loading every model in a fresh process")
    with StopSignals():
        checks = verified(archive, metadata, physics=physics)
    gone = records_gone(archive, metadata)
    failed = [check.name for check in checks if check.status == FAILED]
    if as_json:
        answer = {"version": 1, "path": package, "verified": not (failed or gone)}
        click.echo(json.dumps({**answer, "checks": [asdict(check) for check in checks]}, indent=2))
    else:
        click.echo("\n".join(table([(check.name, check.status, check.detail) for check in checks])))
    if failed:
        remedy = "do not use it before you know why"
        raise Refused(f"the package failed: {', '.join(failed)}", where=package, remedy=remedy)
    if gone and not as_json:
        say(f"{package}: {GONE}; it loads and runs, but there is nothing to compare it with")
    elif not as_json:
        left = sum(check.status == UNCHECKED for check in checks)
        say(f"{package}: verified, {left} not checked" if left else f"{package}: verified")
