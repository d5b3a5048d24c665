"""`nequip-lint completion`: the script of a shell, made by shtab from the parsers."""

from __future__ import annotations

import argparse
import importlib.util
from collections.abc import Iterator

from nequip_lint.errors import LintError
from nequip_lint.pages import codes

_FILES = frozenset({"paths", "config", "environment"})


def completion(given: argparse.Namespace) -> int:
    """Print the script for a shell.

    Raises:
        LintError: the library that makes it is not installed.
    """
    if importlib.util.find_spec("shtab") is None:
        raise LintError("completion needs shtab; run `pip install 'nequip-pack[completion]'`")
    import shtab

    from nequip_lint.cli.main import parser_of

    parser = parser_of("")
    for action in _actions(parser):
        if action.dest in _FILES:
            action.complete = shtab.FILE  # type: ignore[attr-defined]
        elif action.dest == "code":
            action.choices = codes()
    print(shtab.complete(parser, given.shell))
    return 0


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """The arguments of a parser, and of the commands below it."""
    for action in parser._actions:  # argparse has no public way to ask
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from _actions(command)
