"""``nequip-pack list``: the members of a package. Static: no torch, no YAML, no code of the package."""

from __future__ import annotations

import sys

import click

from nequip_pack.cli.reading import opened_archive
from nequip_pack.cli.say import say
from nequip_pack.units import in_bytes


@click.command(name="list")
@click.argument("package", metavar="PKG")
def list_members(package: str) -> None:
    """List the files in PKG, without tensors, and their sizes."""
    size = _for_people if sys.stdout.isatty() else _as_nequip
    for member in sorted(opened_archive(package).members.values(), key=lambda member: member.full_path):
        if not member.path.endswith(".storage"):
            say(f"{size(member.size)}  {member.full_path}")


def _for_people(size: int) -> str:
    return f"{in_bytes(size):>8}"


def _as_nequip(size: int) -> str:
    """As nequip's command prints it, for programs that read that."""
    return f"{size:>12}"
