"""What a NequIP checkpoint needs from this machine, judged from its configuration alone.

Only what is certain is refused here: a package without which nothing loads, a file that one of nequip's own
data modules opens in any case. Data is asked for when the model is known to load. All else shows when the
example data is made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nequip_lint.api import install_command
from nequip_pack.checkpoint import missing
from nequip_pack.errors import EnvironmentLacksError
from nequip_pack.installed import is_installed

if TYPE_CHECKING:
    from nequip_pack.checkpoint.header import Header

_PATH_KEYS: Final = ("train_file_path", "val_file_path")
_DATASET_KEYS: Final = ("train_dataset", "val_dataset")
_FILE_DATASETS: Final = frozenset({"ASEDataset", "NequIPLMDBDataset", "NPZDataset"})
_FILE_MODULES: Final = frozenset({"ASEDataModule", "NequIPDataModule"})


def check_packages(path: Path, header: Header) -> None:
    """Check that nequip, and the packages that define the model and its training module, are installed.

    nequip loads a model through the training module; what makes losses, metrics, callbacks and data is not
    needed.

    Raises:
        EnvironmentLacksError: naming the first that is missing.
    """
    if not is_installed("nequip"):
        remedy = f"run `{install_command('nequip')}`"
        raise EnvironmentLacksError("nequip is needed for a NequIP checkpoint", where=path, remedy=remedy)
    training = header.info["training_module"]
    own = {"_target_": training.get("_target_")}
    for part, config in (("training module", own), ("model", training.get("model"))):
        for target in missing.targets(config):
            missing.check_target(path, f"its {part} is {target}", target)


def check_data(path: Path, header: Header) -> None:
    """Check that the files which the training data is read from exist, as far as that can be known.

    Raises:
        EnvironmentLacksError: naming the first that does not.
    """
    for name in _data_files(header.info["data"]):
        if not Path(name).exists() and not Path(name.rpartition("@")[0] or name).exists():
            raise data_out_of_reach(path, f"there is no {name}")


def data_out_of_reach(path: Path, why: str) -> EnvironmentLacksError:
    """The error for training data that cannot be had on this machine."""
    return EnvironmentLacksError(
        "no example data: the checkpoint's training data is out of reach",
        where=path,
        why=why,
        remedy="give one structure with --example-data FILE",
    )


def _data_files(data: Mapping[str, Any]) -> Iterator[str]:
    target = str(data.get("_target_", ""))
    if not target.startswith("nequip.data.") or target.rpartition(".")[2] not in _FILE_MODULES:
        return
    for key in _PATH_KEYS:
        yield from (name for name in _as_list(data.get(key)) if isinstance(name, str))
    for split in _as_list(data.get("split_dataset")):
        if isinstance(split, Mapping):
            yield from _dataset_files({"_target_": "nequip.data.dataset.ASEDataset", **split})
            yield from _dataset_files(split.get("dataset"))
    for key in _DATASET_KEYS:
        for dataset in _as_list(data.get(key)):
            yield from _dataset_files(dataset)


def _dataset_files(dataset: object) -> Iterator[str]:
    if not isinstance(dataset, Mapping):
        return
    target, name = str(dataset.get("_target_", "")), dataset.get("file_path")
    own = target.startswith("nequip.data.") and target.rpartition(".")[2] in _FILE_DATASETS
    if own and isinstance(name, str):
        yield name


def _as_list(value: object) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]
