"""``nequip-pack list``: the members of a package. Static: no torch, no YAML, no code of the package."""

from __future__ import annotations

import click


@click.command(name="list")
@click.argument("package", metavar="PKG")
def list_members(package: str) -> None:
    """List the files in the package PKG with their sizes in bytes; tensors are left out."""
    from nequip_pack.format.archive import open_archive

    for member in sorted(open_archive(package).members.values(), key=lambda member: member.full_path):
        if not member.path.endswith(".storage"):
            click.echo(f"{member.size:>12}  {member.full_path}")
