"""``nequip-pack modes``."""

from __future__ import annotations

import click


@click.command()
def modes() -> None:
    """List the packaging modes, each with the compile modes that it packages."""
    from nequip_pack.modes import known_modes

    click.echo("Available packaging modes:")
    for name, compile_modes in known_modes().items():
        click.echo(f"  {name}\t{compile_modes}")
