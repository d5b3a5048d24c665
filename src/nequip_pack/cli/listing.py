"""``nequip-pack list``: the members of a package. Static: no torch, no YAML, no code of the package."""

from __future__ import annotations

import click

from nequip_pack.cli.reading import opened_archive
from nequip_pack.cli.say import say


@click.command(name="list")
@click.argument("package", metavar="PKG")
def list_members(package: str) -> None:
    """List the files in the package PKG with their sizes in bytes; tensors are left out."""
    for member in sorted(opened_archive(package).members.values(), key=lambda member: member.full_path):
        if not member.path.endswith(".storage"):
            say(f"{member.size:>12}  {member.full_path}")
