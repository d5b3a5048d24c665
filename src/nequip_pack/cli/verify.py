"""``nequip-pack verify``."""

from __future__ import annotations

import click

from nequip_pack.cli.reading import opened_package
from nequip_pack.cli.say import say_of, show_elapsed, show_stage
from nequip_pack.cli.table import show_table


@click.command()
@click.argument("package", metavar="PKG")
@click.option("--physics", is_flag=True, help="Check symmetries, and forces against the energy, too.")
@click.option("--run-refused", is_flag=True, help="Run it even if the audit refuses it.")
@click.option("--json", "as_json", is_flag=True, help="Write the answer as JSON.")
def verify(package: str, physics: bool, run_refused: bool, as_json: bool) -> None:
    """Load PKG in a fresh process and verify its outputs.

    This runs the code in the package, unless the audit, which comes first, refuses it. None of that code can
    come from here. Every output is compared with the reference that a build stored.
    """
    from nequip_pack.errors import Refused
    from nequip_pack.verify.run import verify as verified
    from nequip_pack.writing.signals import StopSignals

    archive, metadata = opened_package(package, seal=True)
    show_stage("loading every model in a fresh process")
    with StopSignals():
        verdict = verified(archive, metadata, physics=physics, run_refused=run_refused)
    if as_json:
        click.echo(verdict.as_json(package))
    else:
        show_table([(row.name, row.status, row.detail) for row in verdict.rows])
    if verdict.failed:
        remedy = "do not use it before you know why"
        raise Refused(f"the package failed: {', '.join(verdict.failed)}", where=package, remedy=remedy)
    if not as_json:
        say_of(package, verdict.last_word())
    show_elapsed()
