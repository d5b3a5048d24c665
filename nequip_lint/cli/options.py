"""From parsed arguments to the request that several commands share."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path

from nequip_lint.cli.parsers import COMMANDS
from nequip_lint.errors import LintError
from nequip_lint.project.assemble import Request

NO_ROOTS = "no roots: no class here is seen to be part of a model (name some with --root)"


def request_of(given: argparse.Namespace) -> Request:
    """The request that the shared arguments describe; without paths the working directory.

    Raises:
        LintError: the environment or the configuration file does not exist, or a command is misspelt.
    """
    environment = _existing(given.environment, "--environment", "a folder", os.path.isdir)
    config = _existing(given.config, "--config", "a file", os.path.isfile)
    paths = tuple(Path(path) for path in given.paths) or (Path(),)
    _check_command(paths[0])
    return Request(paths, environment, tuple(given.roots), config, given.cache, given.only)


def libraries(given: argparse.Namespace) -> tuple[frozenset[str], frozenset[str]]:
    """What `--present` and `--absent` name.

    Raises:
        LintError: both name one library.
    """
    present, absent = frozenset(given.present), frozenset(given.absent)
    if both := sorted(present & absent):
        raise LintError(f"--present and --absent both name {', '.join(both)}; choose one")
    return present, absent


def _check_command(path: Path) -> None:
    """What is no command is read as a path; one that is not there may be a misspelt command."""
    if os.path.exists(path):  # noqa: PTH110  never raises
        return
    from difflib import get_close_matches

    near = get_close_matches(str(path), COMMANDS, n=1, cutoff=0.8)
    if near:
        raise LintError(f"{path}: no such command, file or folder; did you mean nequip-lint {near[0]}?")


def _existing(text: str | None, option: str, kind: str, test: Callable[[Path], bool]) -> Path | None:
    if text is None:
        return None
    path = Path(text)
    if not test(path):
        raise LintError(f"{option} {text}: there is no such path, or it is not {kind}")
    return path
