"""Arguments that name files, which shells complete: their metavars say so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from typing import Any

_NAMES: Final = re.compile(r"\b(?:PKG2?|CKPT|IN|OUT|FILE|PATH|LOCAL|DIR)\b")


class FileName(click.types.StringParamType):
    """Any text, and in a shell the name of a file or folder."""

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem[Any]]:
        """Let the shell list files."""
        return [CompletionItem(incomplete, type="file")]


def let_shells_complete(command: click.Command) -> None:
    """Give the type to all arguments and options of a command that are any text and name a file."""
    for parameter in command.params:
        is_text = parameter.type in (click.STRING, click.UNPROCESSED)
        if is_text and _NAMES.search(parameter.metavar or ""):
            parameter.type = FileName()
