"""The command line: `check` is the command meant when none is named.

argparse, since importing click alone costs more than linting an extension (docs/decisions/0002).
"""

from __future__ import annotations

import errno
import gc
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from nequip_lint import __version__, disk
from nequip_lint.cache import answers
from nequip_lint.cli.streams import BROKEN_PIPE, LostAnswerError, refuse, streams
from nequip_lint.errors import LintError

if TYPE_CHECKING:
    import argparse

_DESCRIPTION = (
    "Find what would break or silently empty the package of a NequIP-framework model, from its source. "
    "Without a command it checks: `nequip-lint check --help` shows the options."
)
INTERRUPTED = 130
_HERE = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120
_OWN_OPTIONS = ("--help", "-h", "--version")


_REFUSALS = (errno.EACCES, errno.EPERM, errno.ENAMETOOLONG, errno.ELOOP)


def parser_of(command: str = "") -> argparse.ArgumentParser:
    """The parser of one command alone, since each costs some milliseconds; of all for any other name."""
    from nequip_lint.cli import parsers

    parser = parsers.Parser(
        prog="nequip-lint", usage="%(prog)s [OPTIONS] [COMMAND] [ARGS]...", description=_DESCRIPTION
    )
    version = f"nequip-lint {__version__} (from {os.path.dirname(_HERE)})"  # noqa: PTH120  pathlib is slow
    parser.add_argument("--version", action=parsers.Version, const=version, help="Show the version and exit.")
    commands = parser.add_subparsers(title="Commands", metavar="COMMAND", required=True, prog="nequip-lint")
    for name in [command] if command in parsers.COMMANDS else parsers.COMMANDS:
        parsers.COMMANDS[name](commands, name)
    for one in (parser, *commands.choices.values()):
        one.end_with_help()
    return parser


def with_default(arguments: Sequence[str]) -> list[str]:
    """Read `nequip-lint src/` as `nequip-lint check src/`."""
    from nequip_lint.cli.parsers import COMMANDS

    named = bool(arguments) and (arguments[0] in COMMANDS or arguments[0] in _OWN_OPTIONS)
    return list(arguments) if named else ["check", *arguments]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit; an error is one line and exit 2.

    Args:
        arguments: without the program's name; by default those of the process.
    """
    asked = list(sys.argv[1:] if arguments is None else arguments)
    with streams():
        code = _code(lambda: _answered(with_default(asked)))
    sys.exit(code)


def _code(answer: Callable[[], int]) -> int:
    """The exit code of an answer; what it could not do, or not tell, is told."""
    try:
        code = answer()
        sys.stdout.flush()
    except LostAnswerError as lost:
        if lost.is_broken_pipe:
            return BROKEN_PIPE
        refuse(f"standard output does not take the answer: {lost}")
    except LintError as error:
        refuse(str(error))
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # the boundary to the user: no traceback without being asked
        refuse(_unexpected(error))
    else:
        return code
    return 2


def _unexpected(error: Exception) -> str:
    """What is said of an error that nothing expects: the system refuses a path, or a mistake of ours."""
    if isinstance(error, OSError) and error.errno in _REFUSALS and error.filename is not None:
        why = f"the system refuses this path ({error.strerror}); check who may read it"
        return f"{error.filename}: {why}"
    return f"internal error: {type(error).__name__}: {error}; please report it"


def _answered(asked: list[str]) -> int:
    if (instruction := os.environ.get("_NEQUIP_LINT_COMPLETE")) is not None:
        from nequip_lint.cli.completion import answer

        return answer(instruction, parser_of())
    try:
        given, unknown = parser_of(asked[0]).parse_known_args(asked)
    except SystemExit as end:  # argparse has answered, or refused
        return end.code if isinstance(end.code, int) else 0
    if unknown:
        from nequip_lint.cli import parsers

        raise parsers.unknown(given, unknown)
    code: int = given.run(given)
    return code


def run() -> None:
    """The command as a process of its own: it looks for no garbage, and tidies nothing up at its end.

    Syntax trees have no cycles; to pass over them, and to free them one by one, costs a quarter of a run.
    """
    gc.disable()
    with streams():
        code = _code(lambda: _told(sys.argv[1:]))
    os._exit(code)


def _told(arguments: list[str]) -> int:
    """The answer of an earlier run where that still holds, else a new one."""
    found = answers.told(arguments)
    if found is not None:
        sys.stdout.write(found[1])
        return found[0]
    with disk.noted({}):
        return _answered(with_default(arguments))
