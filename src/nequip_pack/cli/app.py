"""The command group, and the one place where errors become exit codes."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import click

import nequip_pack
from nequip_pack.cli import build, check, difference, info, listing, migrate, modes, modify, update, verify
from nequip_pack.cli.which import describe, foreign_command
from nequip_pack.errors import InternalError, NequipPackError, Terminated

INTERRUPTED = 130


def _version(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        click.echo(f"nequip-pack {nequip_pack.__version__} ({describe()})")
        context.exit()


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Show the version and exit.",
)
def cli(debug: bool) -> None:
    """Build, inspect and prove packages (.nequip.zip) of NequIP-framework models."""
    if (found := foreign_command()) is not None:
        click.echo(
            f"nequip-pack: warning: {found} belongs to another distribution; call `nequip-pack`", err=True
        )


cli.add_command(build.build)
cli.add_command(info.info)
cli.add_command(listing.list_members)
cli.add_command(check.check)
cli.add_command(difference.diff)
cli.add_command(migrate.migrate)
cli.add_command(modes.modes)
cli.add_command(modify.modify)
cli.add_command(update.update)
cli.add_command(verify.verify)


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command and exit with its documented code; one line says what went wrong."""
    arguments = sys.argv[1:] if arguments is None else arguments
    debug = "--debug" in arguments
    try:
        code = cli.main(
            args=[argument for argument in arguments if argument != "--debug"],
            prog_name="nequip-pack",
            standalone_mode=False,
        )
    except NequipPackError as error:
        _fail(error, error.exit_code, error.details, debug)
    except click.UsageError as error:
        hint = error.ctx.command_path if error.ctx else "nequip-pack"
        _fail(f"{error.format_message()} Try `{hint} --help`.", 2, "", debug)
    except click.ClickException as error:
        _fail(error.format_message(), 2, "", debug)
    except (KeyboardInterrupt, click.Abort):
        _fail("interrupted; nothing was written", INTERRUPTED, "", debug)
    except Terminated as stop:
        _fail(f"{stop}; nothing was written", stop.exit_code, "", debug)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        what = f"internal error: {type(error).__name__}: {error}"
        remedy = "run again with --debug and report the traceback"
        _fail(InternalError(what, remedy=remedy), InternalError.exit_code, "", debug)
    sys.exit(code if isinstance(code, int) else 0)  # click hands over the code of its Exit


def _fail(message: object, code: int, details: str, debug: bool) -> NoReturn:
    if debug:
        import traceback

        traceback.print_exc()
    if details:
        click.echo(details, err=True, color=True)  # whoever made them knows whether to colour them
    click.echo(f"nequip-pack: error: {' '.join(str(message).split())}", err=True)
    sys.exit(code)
