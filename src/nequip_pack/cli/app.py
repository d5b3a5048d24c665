"""The command group, and the one place where errors become exit codes."""

from __future__ import annotations

import errno
import os
import sys
import warnings
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, NoReturn

import click

import nequip_pack
from nequip_pack.cli.commands import Commands
from nequip_pack.cli.say import say, say_coloured, tell, warn
from nequip_pack.cli.streams import BROKEN_PIPE, guard
from nequip_pack.errors import InputError, InternalError, NequipPackError, OutputError, Terminated

if TYPE_CHECKING:
    from collections.abc import Callable

INTERRUPTED = 130
_WIDEST = 100
"""Help is as wide as the terminal, and never wider than this; so is that of `nequip-lint`."""
_REFUSALS = (errno.EACCES, errno.EPERM, errno.ENAMETOOLONG, errno.ENOENT, errno.ELOOP)


def _version(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        from nequip_pack.cli.which import describe

        click.echo(f"nequip-pack {nequip_pack.__version__} ({describe()})")
        context.exit()


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": _WIDEST},
    invoke_without_command=True,
)
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Show the version and exit.",
)
@click.pass_context
def cli(context: click.Context, debug: bool) -> None:
    """Build, inspect and verify packages (.nequip.zip) of NequIP-framework models."""
    context.obj = perf_counter()
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command and exit with its documented code; one line says what went wrong."""
    streams = guard()
    arguments = sys.argv[1:] if arguments is None else arguments
    debug = "--debug" in arguments
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _show_each_once()
            result = cli.main(
                args=[argument for argument in arguments if argument != "--debug"],
                prog_name="nequip-pack",
                standalone_mode=False,
            )
    except NequipPackError as error:
        _fail(error, error.exit_code, error.details, debug)
    except click.UsageError as error:
        hint = error.ctx.command_path if error.ctx else "nequip-pack"
        said = error.format_message()
        said += "" if said.endswith((".", "?")) else "."
        _fail(f"{said} Try `{hint} --help`.", 2, "", debug)
    except click.ClickException as error:
        _fail(error.format_message(), 2, "", debug)
    except (KeyboardInterrupt, click.Abort):
        _fail("interrupted; nothing was written", INTERRUPTED, "", debug)
    except Terminated as stop:
        _fail(stop, stop.exit_code, "", debug)
    except Exception as error:
        unexpected = _unexpected(error)
        _fail(unexpected, unexpected.exit_code, "", debug)
    sys.exit(_end(result, streams.problem()))


def _unexpected(error: Exception) -> NequipPackError:
    """What no command expects: a path that the system does not let us look at, or a mistake of ours."""
    if isinstance(error, OSError) and error.errno in _REFUSALS and isinstance(error.filename, str):
        what, why = "the system refuses this path", os.strerror(error.errno or 0)
        remedy = "check the path, and who may read it"
        return InputError(what, where=error.filename, why=why, remedy=remedy)
    if isinstance(error, FileNotFoundError) and _is_lost():
        remedy = "run the command in a folder that is there"
        return InputError("the working directory was deleted", remedy=remedy)
    what = f"internal error: {type(error).__name__}: {error}"
    return InternalError(what, remedy="run again with --debug and report the traceback")


def _is_lost() -> bool:
    try:
        Path.cwd()
    except FileNotFoundError:
        return True
    return False


def _end(result: object, problem: OSError | None) -> int:
    """The exit code of a command that went through.

    Args:
        result: what click hands over: the file that the command was asked for and put in its place, the code
            of click's ``Exit``, or nothing.
        problem: why the answer could not be written.
    """
    code = result if isinstance(result, int) else 0
    if problem is None or code:
        return code
    is_placed, why = isinstance(result, Path), os.strerror(problem.errno or 0)
    if is_placed:
        warn(f"{result} is in its place; the rest could not be told (standard output: {why})")
    if isinstance(problem, BrokenPipeError):
        return BROKEN_PIPE
    if not is_placed:
        _tell(OutputError("the answer could not be written", where="standard output", why=why))
    return 0 if is_placed else OutputError.exit_code


def _show_each_once() -> Callable[..., None]:
    """A printer of Python warnings that says each thing once; models are built several times."""
    seen: set[str] = set()

    def show(message: Warning | str, *context: object) -> None:
        text = " ".join(str(message).split())
        if text not in seen:
            seen.add(text)
            warn(text)

    return show


def _fail(message: object, code: int, details: str, debug: bool) -> NoReturn:
    if debug:
        import traceback

        say(traceback.format_exc(), err=True)
    if details:
        say_coloured(details)  # whoever made them knows whether to colour them
    _tell(message)
    sys.exit(code)


def _tell(message: object) -> None:
    tell("error", str(message))
