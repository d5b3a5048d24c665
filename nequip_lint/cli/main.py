"""The command line: `check` is the command meant when none is named.

argparse, since importing click alone costs more than linting an extension (docs/decisions/0002).
"""

from __future__ import annotations

import argparse
import errno
import gc
import os
import sys
from collections.abc import Sequence

from nequip_lint import __version__
from nequip_lint.cli import parsers
from nequip_lint.cli.streams import BROKEN_PIPE, LostAnswerError, complain, streams
from nequip_lint.errors import LintError

_DESCRIPTION = (
    "Find what would break or silently empty the archive of a NequIP-framework model, from source alone."
)
INTERRUPTED = 130
_OWN_OPTIONS = ("--help", "-h", "--version")


_REFUSALS = (errno.EACCES, errno.EPERM, errno.ENAMETOOLONG, errno.ELOOP)


def parser_of(command: str) -> argparse.ArgumentParser:
    """The parser of one command alone, since each costs some milliseconds; of all for any other name."""
    parser = parsers.Parser(
        prog="nequip-lint", description=_DESCRIPTION, allow_abbrev=False, formatter_class=parsers.Formatter
    )
    parser.add_argument("--version", action="version", version=f"nequip-lint, version {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in [command] if command in parsers.COMMANDS else parsers.COMMANDS:
        parsers.COMMANDS[name](commands, name)
    return parser


def with_default(arguments: Sequence[str]) -> list[str]:
    """Read `nequip-lint src/` as `nequip-lint check src/`."""
    named = bool(arguments) and (arguments[0] in parsers.COMMANDS or arguments[0] in _OWN_OPTIONS)
    return list(arguments) if named else ["check", *arguments]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit; an error is one line and exit 2.

    Args:
        arguments: without the program's name; by default those of the process.
    """
    asked = with_default(sys.argv[1:] if arguments is None else arguments)
    with streams():
        code = _code(asked)
    sys.exit(code)


def _code(asked: list[str]) -> int:
    """The exit code of a command; what it could not do, or not tell, is told."""
    try:
        code = _answered(asked)
        sys.stdout.flush()
    except LostAnswerError as lost:
        if lost.is_broken_pipe:
            return BROKEN_PIPE
        complain(f"nequip-lint: error: standard output does not take the answer: {lost}")
    except LintError as error:
        complain(f"nequip-lint: error: {error}")
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # the boundary to the user: no traceback without being asked
        complain(_unexpected(error))
    else:
        return code
    return 2


def _unexpected(error: Exception) -> str:
    """What is said of an error that nothing expects: the system refuses a path, or a mistake of ours."""
    if isinstance(error, OSError) and error.errno in _REFUSALS and error.filename is not None:
        why = f"the system refuses this path ({error.strerror}); check who may read it"
        return f"nequip-lint: error: {error.filename}: {why}"
    return f"nequip-lint: internal error: {type(error).__name__}: {error}; please report it"


def _answered(asked: list[str]) -> int:
    try:
        given, unknown = parser_of(asked[0]).parse_known_args(asked)
    except SystemExit as end:  # argparse has answered, or refused
        return end.code if isinstance(end.code, int) else 0
    if unknown:
        raise parsers.unknown(given, unknown)
    code: int = given.run(given)
    return code


def run() -> None:
    """The command as a process of its own: it looks for no garbage, and tidies nothing up at its end.

    Syntax trees have no cycles; to pass over them, and to free them one by one, costs a quarter of a run.
    """
    gc.disable()
    code: object = None
    try:
        main()
    except SystemExit as end:
        code = end.code
    os._exit(code if isinstance(code, int) else 0 if code is None else 2)
