"""Values of a configuration that no model can be made from, told by their keys before one is made."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from nequip_pack.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

_TYPES: Final = "type_names"
_MODEL: Final[tuple[str, ...]] = ("training_module", "model")


def check_model(path: Path, training_module: Any, written: Any) -> None:
    """Check what is wanted of every model: a cutoff and types.

    Args:
        path: of the configuration.
        training_module: the section; interpolations in it are skipped.
        written: the whole configuration with its interpolations, for messages.

    Raises:
        UsageError: naming the key and its value.
    """
    for place, model in _models(training_module):
        if _is_no_cutoff(model.get("r_max")):
            what = f"{_told(written, (*place, 'r_max'), model['r_max'])}, and a cutoff is a positive number"
            raise UsageError(what, where=path)
        _check_types(path, (*place, _TYPES), model, written)


def check_data(path: Path, data: Any, written: Any) -> None:
    """Check what statistics of the data are made by: types.

    Args:
        path: of the configuration.
        data: the section; interpolations in it are skipped.
        written: the whole configuration with its interpolations, for messages.

    Raises:
        UsageError: naming the key and its value.
    """
    manager = data.get("stats_manager") if isinstance(data, Mapping) else None
    if isinstance(manager, Mapping):
        _check_types(path, ("data", "stats_manager", _TYPES), manager, written)


def _check_types(path: Path, place: tuple[str, ...], section: Mapping[str, Any], written: Any) -> None:
    names = section.get(_TYPES)
    listed = list(names) if isinstance(names, (list, tuple)) else None
    if listed == [] or isinstance(names, (bool, int, float)):
        what = f"{_told(written, place, names)}, and a model needs at least one type"
        raise UsageError(what, where=path, remedy="write a list of names, such as [H, O]")
    if odd := [name for name in listed or () if not isinstance(name, str)]:
        what = f"{_told(written, place, names)}, and {odd[0]!r} is no text, as names of types are"
        raise UsageError(what, where=path, remedy="put it in quotes if it is the name of a type")


def _models(training_module: Any) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """The section of the model, and of each that it wraps (``nequip.model.modify``), with their places."""
    place, model = _MODEL, training_module.get("model") if isinstance(training_module, Mapping) else None
    while isinstance(model, Mapping):
        yield place, model
        place, model = (*place, "model"), model.get("model")


def _is_no_cutoff(value: object) -> bool:
    """Whether no model can have it. A builder of one's own may want something else than a number."""
    if isinstance(value, str):
        return "${" not in value
    return isinstance(value, bool) or (isinstance(value, (int, float)) and not 0 < value < math.inf)


def _told(written: Any, place: tuple[str, ...], value: object) -> str:
    """Which key has which value, with the interpolation that it comes from."""
    for key in place:
        written = written.get(key) if isinstance(written, Mapping) else None
    source = f" ({written})" if isinstance(written, str) and "${" in written else ""
    return f"{'.'.join(place)}{source} is {value!r}"
