"""The arguments of each command; what runs it is imported when it runs."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from nequip_lint.errors import LintError
from nequip_lint.reports.formats import NAMES

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction["Parser"]

Run = Callable[[argparse.Namespace], int]


WIDEST = 100
"""Help is as wide as the terminal, and never wider than this; so is that of `nequip-pack`."""


class Formatter(argparse.HelpFormatter):
    """Help that looks as click's, in which `nequip-pack` has its own.

    Of a fixed width: asking for the terminal's imports shutil, on every run.
    """

    def __init__(self, prog: str, width: int = 80) -> None:
        super().__init__(prog, width=width)

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        """The usage, with a capital."""
        super().add_usage(usage, actions, groups, "Usage: " if prefix is None else prefix)

    def _format_text(self, text: str) -> str:
        self._indent()
        shown = super()._format_text(text)
        self._dedent()
        return shown

    def _format_action(self, action: argparse.Action) -> str:
        if isinstance(action, argparse._SubParsersAction):  # no line for the word that commands replace
            return "".join(map(self._format_action, action._get_subactions()))
        return super()._format_action(action)


class Version(argparse.Action):
    """Prints what its `const` says as it is, where argparse would wrap it."""

    def __init__(self, option_strings: list[str], dest: str, const: str, **options: Any) -> None:
        super().__init__(option_strings, dest, nargs=0, const=const, default=argparse.SUPPRESS, **options)

    def __call__(self, parser: argparse.ArgumentParser, *context: object) -> None:
        """Answer and end."""
        print(self.const)
        parser.exit()


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, and helps in as many columns as the terminal has."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, allow_abbrev=False, add_help=False, formatter_class=Formatter)
        self._positionals.title, self._optionals.title = "Arguments", "Options"

    def end_with_help(self) -> None:
        """The last of the options, as in click's help."""
        self.add_argument("-h", "--help", action="help", help="Show this message and exit.")

    def format_help(self) -> str:
        """Help for this terminal."""
        from shutil import get_terminal_size

        self.formatter_class = partial(Formatter, width=min(get_terminal_size().columns, WIDEST))
        return super().format_help()

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

    options = re.findall(r"--[\w-]+", given.parser.format_help())
    near = get_close_matches(arguments[0], options, n=1)
    hint = f"did you mean {near[0]}?" if near else f"see {given.parser.prog} --help"
    return LintError(f"unknown argument {arguments[0]}; {hint}")


def _command(commands: Commands, name: str, words: str, summary: str, more: str = "") -> Parser:
    """A command.

    Args:
        commands: gets it.
        name: of it.
        words: its arguments in the usage line.
        summary: a sentence, which the list of commands shows too.
        more: sentences that only its own help shows.
    """
    usage = " ".join(filter(None, ["%(prog)s [OPTIONS]", words]))
    parser = commands.add_parser(name, help=summary, description=f"{summary} {more}", usage=usage)
    parser.set_defaults(run=_run(name), parser=parser)
    return parser


def _choices(*names: str) -> dict[str, Any]:
    """Options of an option that takes one of several words, the first by default; shown as by click."""
    return {"choices": names, "default": names[0], "metavar": f"[{'|'.join(names)}]"}


def _add_sources(parser: Parser) -> None:
    add = parser.add_argument
    add(
        "paths",
        nargs="*",
        default=[],
        metavar="PATHS",
        help="Files and folders.  [default: the working directory]",
    )
    add(
        "--environment",
        metavar="PATH",
        help="Read (never import) sources from this virtual environment or site-packages folder.  "
        "[default: the active environment, else .venv or venv in the project]",
    )
    add("--isolated", action="store_true", help="Read no environment, only what is known of releases.")
    add(
        "--root",
        action="append",
        default=[],
        dest="roots",
        metavar="MODULE[:NAME]",
        help="Take exactly this as a root, or what a builder of this name makes. Repeatable.",
    )
    add("--config-path", metavar="DIR", help="Take the roots from a training configuration in this folder.")
    add("--config-name", metavar="NAME", help="Name of that configuration, which is read and never run.")
    add("--config", metavar="FILE", help="Read the settings from this TOML file, not from pyproject.toml.")
    parser.set_defaults(only=None)
    add("--no-cache", action="store_false", dest="cache", help="Keep no facts of files between runs.")


def _add_machine(add: Callable[..., object]) -> None:
    add(
        "--present",
        action="append",
        default=[],
        metavar="LIB",
        help="Take a library as installed. Repeatable.",
    )
    add("--absent", action="append", default=[], metavar="LIB", help="Take a library as missing. Repeatable.")
    add(
        "--gpu",
        action=argparse.BooleanOptionalAction,
        help="Take the machine to have a GPU, or none.  [default: none]",
    )


def _add_target(parser: Parser) -> None:
    add = parser.add_argument
    _add_machine(add)
    add(
        "--packager",
        default="ours",
        metavar="NAME",
        help="Predict for ours, nequip, nequip==X, or torch (configured patterns only).  [default: ours]",
    )
    add("--python", metavar="X.Y", help="Python of the machine.  [default: target-python, else this one]")


def _check(commands: Commands, name: str) -> None:
    summary = "Lint PATHS. The default command."
    more = "The exit code is 0 without errors, 1 with errors, and 2 if it could not run."
    parser = _command(commands, name, "[PATHS]...", summary, more)
    _add_sources(parser)
    add = parser.add_argument
    add("--select", action="append", default=[], metavar="CODES", help="Run only these codes or prefixes.")
    add("--ignore", action="append", default=[], metavar="CODES", help="Leave out these codes or prefixes.")
    add("--strict", action="store_true", help="Exit with 1 for warnings, too.")
    add("--format", **_choices(*NAMES), help="Write the findings in this format.  [default: full]")
    add("--statistics", action="store_true", help="Count the findings of each code, too.")
    add("--exit-zero", action="store_true", help="Exit with 0, whatever is found.")
    add("--fix", action="store_true", help="Apply safe fixes; exit with 1 if findings remain.")
    add("--unsafe-fixes", action="store_true", help="Apply fixes that may change what the code does, too.")
    add("--diff", action="store_true", help="Show what --fix would change; exit with 1 if it would.")
    add(
        "--add-noqa",
        action="store_true",
        help="Write a suppression comment for each finding; exit with 1 if some remain.",
    )
    add("--reason", metavar="TEXT", help="Write this reason into the comments of --add-noqa.")
    add("--stdin-filename", metavar="FILE", help="Read standard input (PATHS is -) as this file.")
    add(
        "--baseline",
        metavar="FILE",
        help="Let as many findings pass as this file allows for each file and code.",
    )
    add("--write-baseline", action="store_true", help="Make the baseline, or shrink it to what is found.")
    add("--show-settings", action="store_true", help="Show what is set, and by what; nothing is linted.")
    machine = parser.add_argument_group("Options for packages (.nequip.zip)")
    _add_machine(machine.add_argument)
    machine.add_argument(
        "--python", metavar="X.Y", help="Python of the machine.  [default: the one that built the package]"
    )


def _closure(commands: Commands, name: str) -> None:
    summary = "Predict what a package of the models in PATHS contains."
    more = "Shows every module, what happens to it, and the imports that lead there."
    parser = _command(commands, name, "[PATHS]...", summary, more)
    _add_sources(parser)
    _add_target(parser)
    style = parser.add_mutually_exclusive_group()
    style.add_argument(
        "--json", action="store_true", dest="as_json", help="Write the answer as JSON, with every chain."
    )
    style.add_argument(
        "--format",
        choices=["tree", "dot", "mermaid"],
        help="Draw which module imports which: as text, for Graphviz, or for Mermaid.",
    )
    parser.add_argument(
        "--checkpoint",
        metavar="CKPT",
        help="Load this checkpoint, and show exactly what a build of it packages here.",
    )


def _why(commands: Commands, name: str) -> None:
    summary = "Show every chain of imports from a root to MODULE."
    parser = _command(commands, name, "MODULE [PATHS]...", summary)
    parser.add_argument("module", metavar="MODULE", help="A module, or a library by its top name.")
    _add_sources(parser)
    _add_target(parser)


def _registrations(commands: Commands, name: str) -> None:
    summary = "Tell what to register each packaged library as, where, and why."
    parser = _command(commands, name, "[PATHS]...", summary)
    _add_sources(parser)
    add = parser.add_argument
    add("--format", **_choices("text", "json"), help="Write it in this format.  [default: text]")
    add(
        "--check",
        action="store_true",
        help="Exit with 1 if a library has no registration, or a file cannot be read.",
    )
    add(
        "--write", action="store_true", help="Write the missing registrations; exit with 1 if some need more."
    )
    add("--diff", action="store_true", help="Show what --write would change; exit with 1 if it would.")


def _rule(commands: Commands, name: str) -> None:
    parser = _command(commands, name, "[RULE]", "Show the page of a rule, or a table of all.")
    parser.add_argument(
        "code", nargs="?", metavar="RULE", help="Its code or name, such as NQ203 or heavy-import-root."
    )
    parser.add_argument(
        "--format",
        **_choices("text", "md", "json"),
        help="Write it in this format.  [default: text]",
    )


def _server(commands: Commands, name: str) -> None:
    _command(commands, name, "", "Serve editors over standard input and output (Language Server Protocol).")


def _completion(commands: Commands, name: str) -> None:
    summary = "Print a script that completes arguments in a shell."
    parser = _command(commands, name, "{bash|zsh|fish}", summary)
    parser.add_argument("shell", choices=["bash", "zsh", "fish"], metavar="bash|zsh|fish", help="The shell.")


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
