"""From parsed arguments to the request that several commands share."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from nequip_lint.cli.parsers import COMMANDS
from nequip_lint.declared.locate import NO_PACKAGES, holds_packages
from nequip_lint.errors import LintError
from nequip_lint.project.assemble import Request

FOR_SOURCE = {
    "environment": "--environment",
    "isolated": "--isolated",
    "roots": "--root",
    "config": "--config",
    "config_path": "--config-path",
    "config_name": "--config-name",
}
"""The options that say how source is read, by their names among the arguments."""
FOR_MACHINES = {"python": "--python", "gpu": "--gpu", "present": "--present", "absent": "--absent"}
"""Those that describe a machine."""
FOR_PREDICTIONS = {**FOR_SOURCE, **FOR_MACHINES, "packager": "--packager"}
OF_THE_PACKAGER = {
    "audit",
    "build",
    "diff",
    "info",
    "list",
    "migrate",
    "modes",
    "modify",
    "rehearse",
    "report",
    "sign",
    "survey",
    "update",
    "verify",
}
"""Commands that `nequip-pack` alone has."""
NO_ROOTS = "no roots: no class here is seen to be part of a model (name some with --root)"


def request_of(given: argparse.Namespace) -> Request:
    """The request that the shared arguments describe; without paths the working directory.

    Raises:
        LintError: the environment or the configuration file does not exist, or a command is misspelt; or
            options do not go together.
    """
    environment = _existing(given.environment, "--environment", "a folder", os.path.isdir)
    if environment is not None and not holds_packages(environment):
        raise LintError(f"--environment {given.environment}: {NO_PACKAGES}")
    if environment is not None and given.isolated:
        raise LintError("--isolated reads no environment, and --environment names one; choose one")
    config = _existing(given.config, "--config", "a file", os.path.isfile)
    paths = tuple(Path(path) for path in given.paths) or (Path(),)
    check_command(paths[0])
    asked = (paths, environment, tuple(given.roots), config, given.cache, given.only)
    return Request(*asked, training=_training(given), is_isolated=given.isolated)


def leave_out(given: argparse.Namespace, options: Mapping[str, str], why: str) -> None:
    """Refuse options that do not fit what is asked.

    Args:
        given: the arguments.
        options: by their names among the arguments.
        why: what the message says after the option.

    Raises:
        LintError: one of them is given.
    """
    for name, option in options.items():
        if getattr(given, name) != given.parser.get_default(name):
            raise LintError(f"{option} {why}")


def _training(given: argparse.Namespace) -> tuple[Path, str] | None:
    """Folder and name of a training configuration; what is left out is as hydra has it."""
    if given.config_path is None and given.config_name is None:
        return None
    return Path(given.config_path or ""), given.config_name or "config"


def libraries(given: argparse.Namespace) -> tuple[frozenset[str], frozenset[str]]:
    """What `--present` and `--absent` name.

    Raises:
        LintError: both name one library.
    """
    present, absent = frozenset(given.present), frozenset(given.absent)
    if both := sorted(present & absent):
        raise LintError(f"--present and --absent both name {', '.join(both)}; choose one")
    return present, absent


def check_command(path: Path) -> None:
    """What is no command is read as a path; one that is not there may be a misspelt command.

    Raises:
        LintError: it seems to be one, or a configuration.
    """
    if path.suffix in (".yaml", ".yml"):
        hint = f"--root {path} lints the model of a training configuration"
        raise LintError(f"{path}: this is not Python source; {hint}")
    if os.path.exists(path):  # noqa: PTH110  never raises
        return
    if str(path) in OF_THE_PACKAGER:
        raise LintError(f"{path}: no such file or folder; did you mean nequip-pack {path}?")
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
