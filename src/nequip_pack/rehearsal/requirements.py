"""What `nequip-train` wants of a configuration before it starts (0.19.1, `nequip/scripts/train.py`)."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from nequip_lint.api import install_command
from nequip_pack.checkpoint.configuration import mappings
from nequip_pack.checkpoint.failures import causes, explained
from nequip_pack.checkpoint.missing import check_target, is_of_script, of_script, targets
from nequip_pack.checkpoint.origins import KEYS
from nequip_pack.errors import EnvironmentLacksError, InputError, UsageError
from nequip_pack.format.sniff import Kind, is_model_id, sniff
from nequip_pack.installed import how_to_install, is_installed
from nequip_pack.rehearsal.nequip_net import cached_model, not_cached

SECTIONS: Final = ("run", "data", "trainer", "training_module")
_NEEDS: Final = {"train": ("loss", "val_metrics"), "val": ("val_metrics",), "test": ("test_metrics",)}
"""What the training module must have, by the kind of run."""
_OF: Final = "configuration"
_MISSING: Final = "???"
"""What omegaconf has in place of a value that must be given."""


def check_sections(path: Path, sections: Mapping[str, Any]) -> None:
    """Check that everything is there without which no training starts.

    Args:
        path: of the configuration.
        sections: plain values, by name; interpolations in them are skipped.

    Raises:
        UsageError: naming the first thing that is missing or wrong.
    """
    if missing := [name for name in SECTIONS if _is_missing(sections.get(name))]:
        remedy = f"nequip-train needs the sections {', '.join(SECTIONS)}"
        raise UsageError(f"the configuration has no section {missing[0]}", where=path, remedy=remedy)
    for wrong in (*_of_other_kinds(sections), *_wrong(sections["training_module"], runs(sections["run"]))):
        raise UsageError(wrong, where=path)


def runs(run: Any) -> list[Any]:
    """The section ``run`` as a list."""
    return list(run) if isinstance(run, (list, tuple)) else [run]


def _of_other_kinds(sections: Mapping[str, Any]) -> Iterator[str]:
    for name in ("data", "trainer", "training_module"):
        if not isinstance(sections[name], Mapping) and not _is_open(sections[name]):
            yield f"the section {name} is no mapping"


def _wrong(module: Any, of_run: list[Any]) -> Iterator[str]:
    if odd := [run for run in of_run if not _is_run(run)]:
        yield f"run has {odd[0]}, but a run is train, val or test"
    if of_run.count("train") > 1:
        yield "run has train twice"
    if not isinstance(module, Mapping):
        return
    for name in ("_target_", "model"):
        if _is_missing(module.get(name)):
            yield f"training_module has no {name}"
    for run in of_run:
        for name in _NEEDS.get(run, ()) if isinstance(run, str) else ():
            if name not in module:
                yield f"training_module has no {name}, which the run {run} needs"


def _is_run(value: Any) -> bool:
    if isinstance(value, Mapping):
        return "function" in value
    return isinstance(value, str) and (value in _NEEDS or _is_open(value))


def _is_missing(value: Any) -> bool:
    return value is None or value == _MISSING


def _is_open(value: Any) -> bool:
    return isinstance(value, str) and "${" in value


def check_installed(path: Path, training_module: Any) -> None:
    """Check that every package that a training module names is installed, without importing any.

    Args:
        path: of the configuration.
        training_module: plain values; interpolations in it are skipped.

    Raises:
        EnvironmentLacksError: naming the first ``_target_`` whose package is not, or nequip.
    """
    if not is_installed("nequip"):
        remedy = f"run `{install_command('nequip')}`"
        raise EnvironmentLacksError("nequip is needed for a rehearsal", where=path, remedy=remedy)
    for target in targets(training_module):
        if "$" not in target:
            check_target(path, f"training_module names {target}", target, of=_OF)


def check_found(path: Path, training_module: Any) -> None:
    """Check that every class and function exists that a training module names. Imports them.

    Raises:
        EnvironmentLacksError: naming the first ``_target_`` that does not.
    """
    from hydra._internal.utils import _locate

    for target in targets(training_module):
        try:
            _locate(target)
        except Exception as error:
            if is_of_script(target):
                raise of_script(path, target, of=_OF) from error
            what = f"the configuration names {target}, which cannot be imported"
            missed = _missed(error, target)
            why, remedy = explained(missed or error.__cause__ or error), _remedy(error, missed)
            raise EnvironmentLacksError(what, where=path, why=why, remedy=remedy) from error


def _missed(error: BaseException, target: str) -> AttributeError | None:
    """The error that a module lacks a part of the target, if that and no failing import is the reason."""
    found = list(causes(error))
    failed = next((e for e in found if isinstance(e, ModuleNotFoundError)), None)
    if failed is not None and not f"{target}.".startswith(f"{failed.name}."):
        return None
    names = target.split(".")
    return next((e for e in found if isinstance(e, AttributeError) and e.name in names), None)


def _remedy(error: BaseException, missed: AttributeError | None) -> str:
    names = [e.name for e in causes(error) if isinstance(e, ModuleNotFoundError) and e.name]
    absent = [name for name in names if not is_installed(name)]
    if absent:
        return how_to_install(absent[0])
    close = (
        difflib.get_close_matches(missed.name, dir(missed.obj), 1)
        if missed is not None and missed.name
        else []
    )
    return f"did you mean {close[0]}?" if close else "check its name"


def check_origins(path: Path, training_module: Any) -> None:
    """Check that the files are there that the model starts from.

    Raises:
        EnvironmentLacksError: for the id of a model on nequip.net, which nequip-train takes for a path.
        InputError: if there is no such file, or it is something else.
    """
    for place, kind in _origins(training_module):
        if is_model_id(place):
            if (cached := cached_model(place)) is None:
                raise not_cached(path, place)
            what = f"the configuration names {place}, where nequip-train takes a file"
            raise EnvironmentLacksError(what, where=path, remedy=f"nequip's cache has it: give {cached}")
        if (other := sniff(Path(place), kind.name.lower())) is not kind:
            what = f"this is {other.value}, and the model is to start from {kind.value}"
            raise InputError(what, where=place, remedy=f"check {path}")


def _origins(training_module: Any) -> Iterator[tuple[str, Kind]]:
    named = mappings(training_module.get("model") if isinstance(training_module, Mapping) else None)
    found = ((mapping.get(key), kind) for mapping in named for key, kind in KEYS.items())
    return ((place, kind) for place, kind in found if isinstance(place, str) and "$" not in place)
