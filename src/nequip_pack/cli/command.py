"""``nequip-pack command``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from nequip_pack.script import Owner


@click.command()
@click.argument("owner", type=click.Choice(["ours", "nequip"]), required=False)
def command(owner: Owner | None) -> None:
    """Tell whose `nequip-package` is, or change it.

    nequip and nequip-pack both install a command of that name, and the one
    that is installed last has it. `ours` and `nequip` put either in its place.

    Before you uninstall nequip-pack, give the command to nequip; pip would
    remove it otherwise.
    """
    if owner is None:
        from nequip_pack.cli.which import describe

        click.echo(describe())
        return
    from nequip_pack.script import put

    whose = "nequip-pack's" if owner == "ours" else "nequip's"
    click.echo(f"{put(owner)} is {whose}")
