"""The commands by name. Each is imported when it is asked for: a start pays for one of them."""

from __future__ import annotations

import importlib
from typing import Any, Final

import click

_HOMES: Final = {
    "build": "build.build",
    "check": "check.check",
    "diff": "difference.diff",
    "info": "info.info",
    "list": "listing.list_members",
    "migrate": "migrate.migrate",
    "modes": "modes.modes",
    "modify": "modify.modify",
    "update": "update.update",
    "verify": "verify.verify",
}


class Commands(click.Group):
    """A group of these commands; until one is asked for, an empty one stands for its name."""

    def __init__(self, **options: Any) -> None:
        super().__init__(commands={name: click.Command(name) for name in _HOMES}, **options)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """One of them, ``None`` for a name that none has."""
        if cmd_name in _HOMES:
            module, _, name = _HOMES[cmd_name].partition(".")
            self.commands[cmd_name] = getattr(importlib.import_module(f"nequip_pack.cli.{module}"), name)
        return super().get_command(ctx, cmd_name)
