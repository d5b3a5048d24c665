"""The arguments of ``nequip-train``, which are Hydra's, read by Hydra's own parser."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from nequip_lint.api import install_command
from nequip_pack.errors import EnvironmentLacksError, UsageError
from nequip_pack.installed import is_installed

if TYPE_CHECKING:
    from collections.abc import Sequence

PACKAGE = "pkg://"
_FORM = "the arguments are those of nequip-train: -cp DIR -cn NAME key=value ..."
_LATER = "give that to nequip-train; a rehearsal takes one configuration"


class Arguments(NamedTuple):
    """Which configuration is meant.

    Attributes:
        folder: an absolute path, or the ``pkg://`` address of a Python package.
        name: of the configuration in that folder.
        extra: a folder that is searched after ``folder``, absolute.
        overrides: as they were given.
    """

    folder: str
    name: str
    extra: str | None
    overrides: tuple[str, ...]

    @property
    def path(self) -> Path:
        """The file, for messages."""
        folder = Path() if self.folder.startswith(PACKAGE) else Path(self.folder)
        return folder / f"{self.name.removesuffix('.yaml')}.yaml"


def arguments(words: Sequence[str]) -> Arguments:
    """Read a command line as ``nequip-train`` does (0.19.1, ``nequip/scripts/train.py``).

    Raises:
        UsageError: for what Hydra's parser refuses, what is no training, and a folder that nequip-train would
            not find.
        EnvironmentLacksError: if hydra is not installed.
    """
    require_hydra()
    from hydra._internal.utils import get_args_parser

    parser = get_args_parser()
    parser.error = _refuse  # it would print its usage and exit
    given = parser.parse_args(list(words))
    if given.multirun:
        raise UsageError("--multirun starts several trainings", remedy=_LATER)
    others = ("help", "hydra_help", "cfg", "info", "shell_completion", "experimental_rerun")
    if asked := [name for name in others if getattr(given, name, None)]:
        raise UsageError(f"--{asked[0].replace('_', '-')} asks Hydra for something else", remedy=_LATER)
    extra = None if given.config_dir is None else str(Path(given.config_dir).absolute())
    if extra is not None and not Path(extra).is_dir():
        raise UsageError("there is no such folder", where=extra, remedy="check --config-dir")
    for word in given.overrides:
        _check_override(word)
    return Arguments(_folder(given.config_path), given.config_name or "config", extra, tuple(given.overrides))


def require_hydra() -> None:
    """Check that hydra is there, without importing it.

    Raises:
        EnvironmentLacksError: if it is not.
    """
    if not is_installed("hydra"):
        remedy = f"run `{install_command('nequip')}`"
        raise EnvironmentLacksError("nequip and hydra-core are needed for a rehearsal", remedy=remedy)


def _folder(given: str | None) -> str:
    """Where the configuration is; the working directory if nothing is said.

    Hydra looks for a relative path beside nequip's script, ``nequip/scripts/train.py``, and not where the
    command was given (hydra 1.3.8, ``compute_search_path_dir``).
    """
    if given is None:
        return str(Path.cwd())
    if not given.startswith(PACKAGE) and not Path(given).is_absolute():
        what = f"nequip-train does not find the relative path {given}"
        why = "Hydra looks for it in the folder of nequip's own script"
        raise UsageError(what, where="--config-path", why=why, remedy=f"give -cp {Path(given).absolute()}")
    return given


def _check_override(word: str) -> None:
    """Refuse what sets nothing; a file is the mistake that people make."""
    if "=" in word or word.startswith("~"):
        return
    file = Path(word).absolute()
    is_file = file.suffix in (".yaml", ".yml")
    remedy = f"give -cp {file.parent} -cn {file.stem}" if is_file else _FORM
    raise UsageError(f"{word} is not an override of the form key=value", remedy=remedy)


def _refuse(message: str) -> NoReturn:
    raise UsageError(message, remedy=_FORM)
