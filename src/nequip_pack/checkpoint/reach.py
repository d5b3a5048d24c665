"""What a NequIP checkpoint needs from this machine, judged from its configuration alone.

Only what is certain is refused here: a file that one of nequip's own data modules opens in any case. All else
shows when the example data is made, which happens before the models are built.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nequip_pack.errors import EnvironmentLacksError, InputError
from nequip_pack.installed import is_installed
from nequip_pack.load.origin import KEY, check_unchanged, content_hash, moved_to

if TYPE_CHECKING:
    from nequip_pack.checkpoint.header import Header

_PATH_KEYS: Final = ("train_file_path", "val_file_path")
_DATASET_KEYS: Final = ("train_dataset", "val_dataset")
_FILE_DATASETS: Final = frozenset({"ASEDataset", "NequIPLMDBDataset", "NPZDataset"})
_FILE_MODULES: Final = frozenset({"ASEDataModule", "NequIPDataModule"})


def check_packages(path: Path, header: Header) -> None:
    """Check that nequip, and the packages that define the model and its training, are installed.

    Raises:
        EnvironmentLacksError: naming the first that is missing.
    """
    if not is_installed("nequip"):
        remedy = "install it with `pip install 'nequip-pack[nequip]'`"
        raise EnvironmentLacksError("nequip is needed for a NequIP checkpoint", where=path, remedy=remedy)
    for target in _targets(header):
        package = target.partition(".")[0]
        if not is_installed(package):
            what = f"the checkpoint needs the package {package}, which is not installed"
            raise EnvironmentLacksError(
                what, where=path, why=f"it names {target}", remedy=f"install {package}"
            )


def check_origin(path: Path, header: Header) -> None:
    """Check that the package or checkpoint which a fine-tuned model started from is there and unchanged.

    Only a package that ``nequip_pack.ModelFromPackage`` loaded for the training has left its hash.

    Raises:
        InputError: if it is not.
    """
    model = header.info["training_module"].get("model")
    if not isinstance(model, Mapping):
        return
    trained_on = next((value for key, value in header.state.items() if key.endswith(f".{KEY}")), None)
    for key in ("package_path", "checkpoint_path"):
        origin = model.get(key)
        if isinstance(origin, str) and not Path(origin).is_file():
            what = f"the model started from {origin}, which is not there"
            raise InputError(what, where=path, remedy=_remedy(origin, trained_on, path))
    if trained_on is not None and isinstance(model.get("package_path"), str):
        package = Path(model["package_path"])
        check_unchanged(package, trained_on, content_hash(package))


def _remedy(origin: str, trained_on: object, checkpoint: Path) -> str:
    """What to do about an origin that is gone: by its hash it may be found under another name."""
    same = moved_to(trained_on, (Path(origin).parent, checkpoint.parent))
    if same is None:
        return "put that file back where it was during training"
    return f"{same} is the same package: copy it there"


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


def _targets(header: Header) -> list[str]:
    training = header.info["training_module"]
    configs = (training, training.get("model"), header.info["data"])
    targets = [config.get("_target_") for config in configs if isinstance(config, Mapping)]
    return [target for target in targets if isinstance(target, str) and "." in target]


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
