"""What a build and a rehearsal say of what was packaged, and of its proof."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from nequip_pack.cli.life import life_lines
from nequip_pack.cli.say import say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nequip_pack.export.proof import Proof


def counted(closure: Mapping[str, str]) -> str:
    """How many modules there are by action, in nequip's words."""
    actions = list(closure.values())
    words = {"intern": "internal", "extern": "external", "mock": "mock"}
    return ", ".join(f"{actions.count(action)} {word}" for action, word in words.items())


def show_proof(proof: Proof, *, of: str) -> None:
    """What was compared; ``of`` is what the package was compared with."""
    if proof.outputs:
        equal = f"{len(proof.outputs)} outputs equal the {of}'s, bit for bit"
        click.echo(f"verified in a fresh process: {equal}")
    else:
        click.echo("it loads and runs in a fresh process, but gives nothing that can be compared")
    for name, why in sorted(proof.left_out.items()):
        say(f"not compared: {name} ({why})")
    for line in life_lines(proof.life):
        say(line)
    if proof.ran_before:
        late = ", ".join(proof.ran_before)
        say(f"imported before nequip-pack: {late}; the fresh process had what that added to sys.path")
