"""Completion in shells: click's scripts, which ask `nequip-lint` with each word, and its answers."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from nequip_lint.errors import LintError
from nequip_lint.pages import codes, page

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem, ShellComplete

_FILES = frozenset({"paths", "config", "stdin_filename", "baseline", "checkpoint"})
_FOLDERS = frozenset({"config_path", "environment"})
_CODES = frozenset({"select", "ignore"})


def completion(given: argparse.Namespace) -> int:
    """Print the script for a shell."""
    print(_shell(given.shell).source(), end="")
    return 0


def answer(instruction: str, parser: argparse.ArgumentParser) -> int:
    """Print what may stand in place of the word that is being typed.

    Args:
        instruction: of the script, such as `bash_complete`; the words are in the environment.
        parser: of all commands.

    Raises:
        LintError: no script of ours asks so.
    """
    shell = _shell(instruction.removesuffix("_complete"))
    if not instruction.endswith("_complete") or "COMP_WORDS" not in os.environ:
        raise LintError("`nequip-lint completion` prints a script that knows how to ask")
    words, begun = shell.get_completion_args()
    print("\n".join(map(shell.format_completion, offered(parser, words, begun))))
    return 0


def _shell(name: str) -> ShellComplete:
    from click import Command
    from click.shell_completion import get_completion_class

    kind = get_completion_class(name)
    if kind is None:
        raise LintError(f"there is no completion for {name}")
    return kind(Command("nequip-lint"), {}, "nequip-lint", "_NEQUIP_LINT_COMPLETE")


def offered(
    every: argparse.ArgumentParser, words: Sequence[str], begun: str
) -> Iterator[CompletionItem[str]]:
    """What may stand in place of a word.

    Args:
        every: the parser of all commands.
        words: those before it, without the program's name.
        begun: the word as far as it is typed.
    """
    given = [word for word in words if word != "="]  # bash takes `--format=json` apart
    begun = "" if begun == "=" else begun
    (commands,) = (item for item in every._actions if isinstance(item, argparse._SubParsersAction))
    is_named = bool(given) and given[0] in commands.choices
    parser = commands.choices[given[0] if is_named else "check"]
    option, equals, value = begun.partition("=")
    action = parser._option_string_actions.get(option) if equals else _next(parser, given[is_named:])
    if action is not None and (equals or action.option_strings or not begun.startswith("-")):
        yield from _values(action, value if equals else begun, option + equals if equals else "")
        if not given:  # bash forgets what was told before the kind "file"
            yield from _matching(((item.dest, item.help) for item in commands._choices_actions), begun)
    elif begun.startswith("-"):
        asked = [*parser._actions, *(() if given else every._actions)]
        yield from _matching(((name, a.help) for a in asked for name in a.option_strings), begun)


def _next(parser: argparse.ArgumentParser, words: Iterable[str]) -> argparse.Action | None:
    """The argument that takes the next word: an option that waits for its value, else one by its place."""
    waiting, place = None, 0
    for word in words:
        if waiting is not None:
            waiting = None
        elif word.startswith("-") and word != "-":
            action = parser._option_string_actions.get(word)
            waiting = action if action is not None and action.nargs != 0 else None
        else:
            place += 1
    placed = [action for action in parser._actions if not action.option_strings]
    if waiting is not None or not placed:
        return waiting
    return placed[place] if place < len(placed) else placed[-1] if placed[-1].nargs == "*" else None


def _values(action: argparse.Action, begun: str, prefix: str) -> Iterator[CompletionItem[str]]:
    """What an argument takes; a shell lists files itself."""
    from click.shell_completion import CompletionItem

    if action.dest in _FILES or action.dest in _FOLDERS:
        yield CompletionItem(prefix + begun, type="dir" if action.dest in _FOLDERS else "file")
    elif action.dest == "code":
        names = ((page(code).name, code) for code in codes())
        yield from _matching((*((code, page(code).name) for code in codes()), *names), begun)
    elif action.dest in _CODES:
        yield from _matching(((code, page(code).name) for code in codes()), begun, prefix)
    elif action.choices is not None:
        yield from _matching(((str(choice), None) for choice in action.choices), begun, prefix)


def _matching(
    told: Iterable[tuple[str, str | None]], begun: str, prefix: str = ""
) -> Iterator[CompletionItem[str]]:
    from click.shell_completion import CompletionItem

    for value, help in told:
        if value.startswith(begun):
            yield CompletionItem(prefix + value, help=help)
