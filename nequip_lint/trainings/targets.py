"""What the model of a training configuration names: builders and classes as `_target_`s and as strings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from nequip_lint.errors import LintError
from nequip_lint.trainings.composition import Composition, composed
from nequip_lint.trainings.interpolation import UNKNOWN, Unknown, value_of

_MODULE, _MODEL, _TARGET = "training_module", "model", "_target_"
_ADDRESS = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)+")
_OF_FILES = {
    "nequip.model.ModelFromPackage": "package_path",
    "nequip.model.ModelFromCheckpoint": "checkpoint_path",
}
"""What takes the model from a file, and the argument that names it (0.19.1, `nequip/model/saved_models`)."""
_MODIFIES = frozenset({"nequip.model.modify", "nequip.model.modify_utils.modify"})
"""What changes the model of its argument `model` and gives it back (0.19.1, `nequip/model/modify_utils`)."""
_MOST = 10_000
"""Values that are looked at: aliases make a small file a large tree."""


class Target(NamedTuple):
    """A dotted name in a configuration: where it stands, and whether it must be there to make the model.

    What `wraps` takes a model that the configuration tells below it; a function that does is no part of one.
    What `builds` makes the model itself.
    """

    name: str
    where: str
    is_needed: bool = True
    wraps: bool = False
    builds: bool = False


class Training(NamedTuple):
    """What a configuration tells of its model, and what it does not tell."""

    path: Path
    targets: tuple[Target, ...]
    notes: tuple[str, ...]


def training_of(folder: Path, name: str) -> Training:
    """What the model of a configuration is made of.

    Args:
        folder: of the configurations, hydra's `--config-path`.
        name: of the configuration in it.

    Raises:
        LintError: there is no such configuration, it has no model, or nothing tells what makes its model.
    """
    try:
        composition = composed(folder, name)
        reading = _Reading(composition)
        model = reading.model()
        reading.look_at(model, (_MODULE, _MODEL))
    except RecursionError as error:
        raise LintError(f"{folder}: {name}: is nested too deeply to be read") from error
    targets = tuple(dict.fromkeys(reading.targets))
    notes = (*composition.notes, *dict.fromkeys(reading.notes))
    if not any(target.is_needed and target.name not in _MODIFIES for target in targets):
        why = "; ".join(notes) or f"{composition.path}: training_module.model has no _target_"
        raise LintError(f"{why}; nothing tells what the model is made of")
    return Training(composition.path, targets, notes)


class _Reading:
    """Looks at the model of one configuration, and keeps what it finds."""

    def __init__(self, composition: Composition) -> None:
        self._path = composition.path
        self._content = composition.content
        self.targets: list[Target] = []
        self.notes: list[str] = []
        self._left = _MOST

    def model(self) -> Mapping[str, Any]:
        """The section that nequip-train makes a model of."""
        module = value_of(self._content.get(_MODULE), self._content, (_MODULE,))
        model = module.get(_MODEL) if isinstance(module, Mapping) else module
        model = value_of(model, self._content, (_MODULE, _MODEL))
        if isinstance(model, Unknown):
            raise LintError(f"{self._path}: only a run can tell what training_module.model is")
        if not isinstance(model, Mapping):
            raise LintError(f"{self._path}: no model: training_module has no model with a _target_")
        start = value_of(self._content.get("ckpt_path"), self._content, ("ckpt_path",))
        if start is not None:
            shown = "a checkpoint" if isinstance(start, Unknown) else start
            self.notes.append(f"{self._path}: the training goes on from {shown}, whose own model counts")
        return model

    def look_at(self, value: Any, here: tuple[str, ...]) -> None:
        """Keep what a value and all below it name."""
        self._left -= 1
        if self._left < 0:
            raise LintError(f"{self._path}: training_module.model has more than {_MOST} values")
        resolved = value_of(value, self._content, here)
        if isinstance(resolved, Mapping):
            self._mapping(resolved, here)
        elif isinstance(resolved, list):
            for index, item in enumerate(resolved):
                self.look_at(item, (*here, str(index)))
        elif isinstance(resolved, str) and _ADDRESS.fullmatch(resolved):
            self.targets.append(Target(resolved, self._where(here), is_needed=False))

    def _mapping(self, value: Mapping[str, Any], here: tuple[str, ...]) -> None:
        if _TARGET in value:
            self._target(value, (*here, _TARGET))
        for key, item in value.items():
            if key != _TARGET:
                self.look_at(item, (*here, str(key)))

    def _target(self, value: Mapping[str, Any], here: tuple[str, ...]) -> None:
        name = value_of(value[_TARGET], self._content, here)
        if not isinstance(name, str):
            shown = value[_TARGET] if name is UNKNOWN else name
            self.notes.append(f"{self._where(here)}: only a run can tell what {shown} is")
        elif name in _OF_FILES:
            given = value_of(value.get(_OF_FILES[name]), self._content, here)
            file = given if isinstance(given, str) else "a file"
            self.notes.append(f"{self._where(here)}: the model is that of {file}, whose own code counts")
        else:
            wraps = name in _MODIFIES or self._has_model(value, here)
            builds = not wraps and {*here[1:-1]} == {_MODEL}
            self.targets.append(Target(name, self._where(here), wraps=wraps, builds=builds))

    def _has_model(self, value: Mapping[str, Any], here: tuple[str, ...]) -> bool:
        """Whether a model is among the arguments of a target, as a configuration of its own."""
        model = value_of(value.get(_MODEL), self._content, here)
        return isinstance(model, Mapping) and _TARGET in model

    def _where(self, here: tuple[str, ...]) -> str:
        return f"{self._path}: {'.'.join(here)}"
