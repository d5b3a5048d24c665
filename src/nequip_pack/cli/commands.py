"""The commands by name. Each is imported when it is asked for: a start pays for one of them."""

from __future__ import annotations

import importlib
from typing import Any, Final

import click

HOMES: Final = {
    "audit": "audit.audit",
    "build": "build.build",
    "check": "check.check",
    "command": "command.command",
    "diff": "difference.diff",
    "info": "info.info",
    "list": "listing.list_members",
    "migrate": "migrate.migrate",
    "modes": "modes.modes",
    "modify": "modify.modify",
    "rehearse": "rehearse.command",
    "report": "report.report",
    "sign": "sign.sign",
    "survey": "survey.survey",
    "update": "update.update",
    "verify": "verify.verify",
    "verify-signature": "sign.verify_signature",
}

OF_THE_LINTER: Final = ("closure", "completion", "lint", "registrations", "rule", "server", "why")


class Commands(click.Group):
    """A group of these commands; until one is asked for, an empty one stands for its name."""

    def __init__(self, **options: Any) -> None:
        super().__init__(commands={name: click.Command(name) for name in HOMES}, **options)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """One of them, ``None`` for a name that none has."""
        if cmd_name in HOMES:
            module, _, name = HOMES[cmd_name].partition(".")
            command = getattr(importlib.import_module(f"nequip_pack.cli.{module}"), name)
            if ctx.resilient_parsing:  # a shell asks, and not a user
                from nequip_pack.cli.file_names import let_shells_complete

                let_shells_complete(command)
            self.commands[cmd_name] = command
        return super().get_command(ctx, cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the arguments begin with; those of the linter are named as such."""
        if args[0] in OF_THE_LINTER:
            meant = "nequip-lint" if args[0] == "lint" else f"nequip-lint {args[0]}"
            raise click.UsageError(f"No such command {args[0]!r}. Did you mean `{meant}`?", ctx)
        return super().resolve_command(ctx, args)
