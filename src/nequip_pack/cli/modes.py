"""``nequip-pack modes``."""

from __future__ import annotations

import click


@click.command()
def modes() -> None:
    """List the packaging modes and their compile modes."""
    from nequip_pack.installed import is_installed
    from nequip_pack.modes import known_modes, plain_modes

    if is_installed("nequip"):
        click.echo("Available packaging modes:")
        known = known_modes()
    else:
        click.echo("Available packaging modes for plain checkpoints, whose code may register more:")
        known = {name: made() for name, made in plain_modes().items()}
    for name, compile_modes in known.items():
        click.echo(f"  {name}\t{compile_modes}")
    if not is_installed("nequip"):
        click.echo("nequip is not installed, so that its checkpoints cannot be packaged here")
