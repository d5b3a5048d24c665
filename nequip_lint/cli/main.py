"""The group of commands; `check` is the one meant when none is named."""

from __future__ import annotations

import sys

import click

from nequip_lint import __version__
from nequip_lint.cli.check import check
from nequip_lint.cli.closure import closure, why
from nequip_lint.cli.rule import rule
from nequip_lint.errors import LintError

_OWN_OPTIONS = ("--help", "-h", "--version")


class _DefaultsToCheck(click.Group):
    """Reads `nequip-lint src/` as `nequip-lint check src/`, and ends user errors with one line and exit 2."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in _OWN_OPTIONS):
            args = ["check", *args]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except LintError as error:
            click.echo(f"nequip-lint: error: {error}", err=True)
            ctx.exit(2)


@click.group(cls=_DefaultsToCheck, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="nequip-lint")
def cli() -> None:
    """Find what would break or silently empty the archive of a NequIP-framework model, from source alone."""


cli.add_command(check)
cli.add_command(closure)
cli.add_command(why)
cli.add_command(rule)


def main() -> None:
    """Run the command line; an internal error is one line and exit 2 as well."""
    try:
        cli()
    except Exception as error:  # the boundary to the user: no traceback without being asked
        click.echo(
            f"nequip-lint: internal error: {type(error).__name__}: {error}; please report it", err=True
        )
        sys.exit(2)
