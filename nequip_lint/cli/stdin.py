"""`nequip-lint check - --stdin-filename FILE`: a text that is judged in place of a file."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from nequip_lint.contents import remembered
from nequip_lint.declared.files import resolved
from nequip_lint.errors import LintError

_WRITING = ("add_noqa", "write_baseline", "fix", "unsafe_fixes", "diff")


def with_stdin(given: argparse.Namespace, run: Callable[[argparse.Namespace], int]) -> int:
    """Run a command on the file that standard input stands for, in its project.

    Args:
        given: the arguments; gets the file as `only`.
        run: the command.

    Raises:
        LintError: the arguments do not go together, the file has no folder, or there is nothing to read.
    """
    given.only = _file(given)
    given.paths = []
    with remembered({str(given.only): _content()}):
        return run(given)


def _content() -> bytes:
    if sys.stdin is None:
        raise LintError("- reads standard input, which is closed")
    try:
        return sys.stdin.buffer.read()
    except OSError as error:
        raise LintError(f"standard input cannot be read: {error.strerror}") from error


def _file(given: argparse.Namespace) -> Path:
    if given.stdin_filename is None:
        raise LintError("- reads standard input; say with --stdin-filename FILE which file that is")
    if given.paths != ["-"]:
        raise LintError("--stdin-filename goes with - as the only path")
    writing = [name for name in _WRITING if getattr(given, name, False)]
    if writing:
        raise LintError(f"--{writing[0].replace('_', '-')} changes files, and standard input is none")
    path = Path(given.stdin_filename)
    if path.suffix != ".py":
        raise LintError(f"--stdin-filename {path}: the linter reads Python files; end the name in .py")
    if not path.parent.is_dir():
        raise LintError(
            f"--stdin-filename {path}: there is no folder {path.parent}; check the working directory"
        )
    return resolved(path.parent) / path.name
