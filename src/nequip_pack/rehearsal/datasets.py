"""How many datasets there are of each kind, as far as a configuration tells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_METRICS = {"train": None, "val": "val_metrics", "test": "test_metrics", "predict": None}


def numbers_of_datasets(data: Mapping[str, Any], training_module: Mapping[str, Any]) -> dict[str, int]:
    """The number of datasets by ``train``, ``val``, ``test`` and ``predict``.

    nequip's data modules are told by ``val_dataset`` or ``val_file_path`` and ``split_dataset``. What else a
    data module is told, it is taken to have one where the training module has metrics for it.
    """
    return {kind: _number(kind, data, training_module) for kind in _METRICS} | {"train": 1}


def _number(kind: str, data: Mapping[str, Any], training_module: Mapping[str, Any]) -> int:
    splits = [split for split in _listed(data.get("split_dataset")) if kind in split]
    named = [item for key in ("dataset", "file_path") for item in _listed(data.get(f"{kind}_{key}"))]
    metrics = _METRICS[kind]
    return len(splits) + len(named) or int(metrics is not None and training_module.get(metrics) is not None)


def _listed(value: object) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]
