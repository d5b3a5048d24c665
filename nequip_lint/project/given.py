"""The roots that options or settings name, those of a training configuration included."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from nequip_lint.declared.config import Config
from nequip_lint.project.named import Named

if TYPE_CHECKING:
    from nequip_lint.trainings.targets import Training


class Given(NamedTuple):
    """Roots, and what a training configuration leaves open."""

    roots: tuple[Named, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_of_training(self) -> bool:
        """Whether a training configuration names all roots."""
        return bool(self.roots) and all(item.is_target for item in self.roots)


def given_by(roots: Iterable[str], training: tuple[Path, str] | None) -> Given:
    """What the options of a command name.

    Args:
        roots: from `--root`.
        training: folder and name from `--config-path` and `--config-name`.

    Raises:
        LintError: the configuration does not tell its model.
    """
    named = tuple(Named(root, "--root") for root in roots)
    return _with(named, [training] if training is not None else [])


def given_in(config: Config) -> Given:
    """What `roots` in the settings names: modules, names in them, and files of training configurations.

    Raises:
        LintError: a configuration does not tell its model.
    """
    files = [config.root / root for root in config.roots if _is_training(root)]
    named = (Named(root, f"{config.path}: roots") for root in config.roots if not _is_training(root))
    return _with(tuple(named), [(path.parent, path.name) for path in files])


def _is_training(root: str) -> bool:
    """Whether a root in the settings is the file of a configuration, and no module."""
    return root.endswith((".yaml", ".yml"))


def _with(roots: tuple[Named, ...], trainings: Iterable[tuple[Path, str]]) -> Given:
    notes: tuple[str, ...] = ()
    for training in map(_read, trainings):
        roots += tuple(
            Named(t.name, t.where, is_target=True, is_needed=t.is_needed, wraps=t.wraps, builds=t.builds)
            for t in training.targets
        )
        notes += training.notes
    return Given(roots, notes)


def _read(place: tuple[Path, str]) -> Training:
    from nequip_lint.trainings.targets import training_of

    return training_of(*place)
