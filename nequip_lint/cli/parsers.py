"""The arguments of each command; what runs it is imported when it runs."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

from nequip_lint.errors import LintError
from nequip_lint.reports.formats import NAMES

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

Run = Callable[[argparse.Namespace], int]


class Formatter(argparse.HelpFormatter):
    """Help of a fixed width: asking for the terminal's imports shutil, on every run."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=100)


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong without the usage, which `--help` shows.

        Raises:
            LintError: always.
        """
        raise LintError(f"{message}; see {self.prog} --help")


def unknown(given: argparse.Namespace, arguments: list[str]) -> LintError:
    """The error for arguments that a command does not have."""
    import re
    from difflib import get_close_matches

    options = re.findall(r"--[\w-]+", given.parser.format_usage())
    near = get_close_matches(arguments[0], options, n=1)
    hint = f"did you mean {near[0]}?" if near else f"see {given.parser.prog} --help"
    return LintError(f"unknown argument {arguments[0]}; {hint}")


def _command(commands: Commands, name: str, run: Run, summary: str) -> argparse.ArgumentParser:
    parser = commands.add_parser(
        name, help=summary, description=summary, allow_abbrev=False, formatter_class=Formatter
    )
    parser.set_defaults(run=run, parser=parser)
    return parser


def _add_sources(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("paths", nargs="*", metavar="PATHS", help="files and folders; by default the working directory")
    add(
        "--environment",
        metavar="PATH",
        help="a virtual environment or site-packages folder whose sources are read, never imported",
    )
    add(
        "--root",
        action="append",
        default=[],
        dest="roots",
        metavar="MODULE[:NAME]",
        help="take exactly these modules as roots instead of inferring them; repeatable",
    )
    add("--config", metavar="FILE", help="read the settings from this TOML file instead of pyproject.toml")
    parser.set_defaults(only=None)
    add("--no-cache", action="store_false", dest="cache", help="do not keep facts of files between runs")


def _add_machine(add: Callable[..., object]) -> None:
    add("--present", action="append", default=[], metavar="LIB", help="take a library as installed")
    add("--absent", action="append", default=[], metavar="LIB", help="take a library as missing")
    add("--gpu", action=argparse.BooleanOptionalAction, help="whether the machine has a GPU; by default not")


def _add_target(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    _add_machine(add)
    add(
        "--packager",
        default="ours",
        metavar="NAME",
        help="ours (the default), nequip, nequip==X, or torch, which has only the configured patterns",
    )
    add("--python", metavar="X.Y", help="the machine's Python; by default target-python, or this one")


def _check(commands: Commands, name: str) -> None:
    summary = "lint PATHS; exit 0: no error, 1: errors found, 2: could not run (the default command)"
    parser = _command(commands, name, _run("check"), summary)
    _add_sources(parser)
    add = parser.add_argument
    add("--select", action="append", default=[], metavar="CODES", help="run only these codes or prefixes")
    add("--ignore", action="append", default=[], metavar="CODES", help="leave these codes or prefixes out")
    add("--strict", action="store_true", help="exit 1 on warnings too")
    add("--format", choices=NAMES, default="full", help="how to write the findings")
    add("--statistics", action="store_true", help="count the findings per code as well")
    add("--exit-zero", action="store_true", help="exit 0 whatever is found")
    add(
        "--fix",
        action="store_true",
        help="change the files as far as a safe fix is known; exit 1: findings remain",
    )
    add("--unsafe-fixes", action="store_true", help="apply fixes too that may change what the code does")
    add(
        "--diff",
        action="store_true",
        help="show what --fix would change, and change nothing; exit 1: it would",
    )
    add(
        "--add-noqa",
        action="store_true",
        help="write a suppression comment for each finding; exit 1: some remain",
    )
    add("--stdin-filename", metavar="FILE", help="with - as path: judge standard input in place of this file")
    add(
        "--baseline",
        metavar="FILE",
        help="let as many findings pass as this file allows for each file and code",
    )
    add("--write-baseline", action="store_true", help="make the baseline, or shrink it to what is found")
    add("--reason", metavar="TEXT", help="why, for --add-noqa to write into each new comment")
    machine = parser.add_argument_group("packages (.nequip.zip) among PATHS: the machine that loads them")
    _add_machine(machine.add_argument)
    machine.add_argument(
        "--python", metavar="X.Y", help="its Python; by default the one that built the package"
    )


def _closure(commands: Commands, name: str) -> None:
    summary = "predict the archive of a model made of PATHS' classes: every module and what happens to it"
    parser = _command(commands, name, _run("closure"), summary)
    _add_sources(parser)
    _add_target(parser)
    parser.add_argument("--json", action="store_true", dest="as_json", help="write JSON, with every chain")


def _why(commands: Commands, name: str) -> None:
    parser = _command(commands, name, _run("why"), "show every chain of imports from a root to MODULE")
    parser.add_argument("module", metavar="MODULE")
    _add_sources(parser)
    _add_target(parser)


def _registrations(commands: Commands, name: str) -> None:
    summary = "say for every library in the packaged set what to register it as, where it is, and why"
    parser = _command(commands, name, _run("registrations"), summary)
    _add_sources(parser)
    add = parser.add_argument
    add("--format", choices=["text", "json"], default="text", help="how to write the answer")
    add("--check", action="store_true", help="exit 1 where a library has no action")
    add("--write", action="store_true", help="put the missing registrations in place; exit 1: some need more")
    add(
        "--diff",
        action="store_true",
        help="show what --write would change, and change nothing; exit 1: it would",
    )


def _rule(commands: Commands, name: str) -> None:
    parser = _command(commands, name, _run("rule"), "show the page of the rule CODE, or a table of all")
    parser.add_argument("code", nargs="?", metavar="CODE", help="of a rule, such as NQ203")
    parser.add_argument("--format", choices=["text", "md", "json"], default="text")


def _server(commands: Commands, name: str) -> None:
    summary = "serve editors over standard input and output (language server protocol)"
    _command(commands, name, _run("server"), summary)


def _completion(commands: Commands, name: str) -> None:
    summary = "print a script that completes this command's arguments in a shell"
    parser = _command(commands, name, _run("completion"), summary)
    parser.add_argument("shell", choices=["bash", "zsh", "fish"], metavar="bash|zsh|fish")


def _run(command: str) -> Run:
    def run(given: argparse.Namespace) -> int:
        from importlib import import_module

        module: Any = import_module(f"nequip_lint.cli.{'closure' if command == 'why' else command}")
        code: int = getattr(module, command)(given)
        return code

    return run


COMMANDS: dict[str, Callable[[Any, str], None]] = {
    "check": _check,
    "closure": _closure,
    "why": _why,
    "registrations": _registrations,
    "rule": _rule,
    "server": _server,
    "completion": _completion,
}
