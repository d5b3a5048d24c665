"""Example data: the one input in a package, which ``nequip-compile`` traces with and a proof runs on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from nequip_pack.checkpoint.failures import explained
from nequip_pack.checkpoint.missing import why_not_made
from nequip_pack.checkpoint.reach import data_out_of_reach
from nequip_pack.errors import InputError, NequipPackError
from nequip_pack.format.archive import read_directory
from nequip_pack.format.sniff import Kind, sniff

if TYPE_CHECKING:
    from pathlib import Path

_TENSOR_SUFFIXES: Final = (".pt", ".pth")
_NEEDED: Final = ("pos", "edge_index", "atom_types")


def check_file(path: Path) -> None:
    """Check what can be known of an example data file without reading it whole.

    A file of tensors in torch's zip format is compared with its CRC-32s, as torch does not do.

    Raises:
        InputError: if it is missing, empty, or plainly of a wrong kind.
        DamagedError: if it is a damaged file of tensors.
    """
    kind = sniff(path, "example data")
    if kind in (Kind.EMPTY, Kind.HTML, Kind.PACKAGE):
        remedy = "give a file that ase reads (extended XYZ, ...) or a .pt file with a dictionary of tensors"
        raise InputError(f"this is {kind.value}, not example data", where=path, remedy=remedy)
    if kind in (Kind.CHECKPOINT, Kind.BROKEN_ZIP) or (kind is Kind.ZIP and path.suffix in _TENSOR_SUFFIXES):
        read_directory(path, "example data").check_content()


def from_checkpoint(path: Path, data_config: Any) -> Mapping[str, Any]:
    """One training structure, made by the checkpoint's own data module, as nequip's command does.

    Args:
        path: the checkpoint.
        data_config: of its data module, which tells why that cannot be made.

    Raises:
        EnvironmentLacksError: if the data module cannot provide it here.
    """
    from nequip.model.saved_models.checkpoint import data_dict_from_checkpoint

    try:
        data: Mapping[str, Any] = data_dict_from_checkpoint(str(path))
    except Exception as error:
        why = why_not_made(data_config) or explained(error)
        raise data_out_of_reach(path, why) from error
    return data


def from_file(path: Path, data_config: Any, model: Any) -> Mapping[str, Any]:
    """One structure from a file, transformed as the checkpoint's training data was, as far as that goes here.

    Args:
        path: a file that ase reads (its first structure is taken), or a ``.pt`` file from ``torch.save`` that
            holds a dictionary of tensors, ready for the model.
        data_config: of the checkpoint's data module; what does not instantiate here is left out.
        model: tells types and cutoffs where the transforms do not give them.

    Raises:
        InputError: if the file cannot be read or does not fit the model.
    """
    from nequip.utils.dtype import torch_default_dtype
    from nequip.utils.global_dtype import _GLOBAL_DTYPE

    with torch_default_dtype(_GLOBAL_DTYPE):
        data = _tensors(path) if path.suffix in _TENSOR_SUFFIXES else _structure(path, data_config, model)
    if missing := [key for key in _NEEDED if key not in data]:
        raise InputError(f"the example data has no {', '.join(missing)}", where=path)
    if odd := [key for key in ("pos", "cell") if key in data and not data[key].isfinite().all()]:
        raise InputError(f"the example data has a {odd[0]} that is not finite", where=path)
    return data


def tensors_from_file(path: Path) -> Any:
    """The input of a plain model from a ``.pt`` file: a tensor, or a tuple or dictionary of tensors.

    Raises:
        InputError: if the file is no such file or holds something else.
    """
    import torch

    if path.suffix not in _TENSOR_SUFFIXES:
        what = "example data for a plain checkpoint must be a .pt file"
        raise InputError(what, where=path, remedy="save the tensors with torch.save")
    data = _loaded(path)
    parts = data.values() if isinstance(data, dict) else data if isinstance(data, (tuple, list)) else [data]
    if not all(isinstance(value, torch.Tensor) for value in parts):
        raise InputError("the file holds something other than tensors", where=path)
    return data


def _tensors(path: Path) -> Mapping[str, Any]:
    data = tensors_from_file(path)
    if not isinstance(data, dict):
        raise InputError("the file does not hold a dictionary of tensors", where=path)
    return data


def _loaded(path: Path) -> Any:
    import torch

    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        why = str(error).partition("\n")[0]
        raise InputError("torch cannot read this as tensors", where=path, why=why) from error


def _structure(path: Path, data_config: Any, model: Any) -> Mapping[str, Any]:
    import ase.io
    from nequip.data import AtomicDataDict
    from nequip.data.ase import from_ase

    from nequip_pack.checkpoint.transforms import completed, transformed

    try:
        atoms = ase.io.read(str(path), index=0)
    except Exception as error:
        what = "ase cannot read a structure from this file"
        raise InputError(what, where=path, why=f"{type(error).__name__}: {error}") from error
    try:
        data = from_ase(atoms)
        if not atoms.cell.rank:
            data = _with_cell(data)
        data = completed(transformed(data, data_config), model)
        return AtomicDataDict.batched_from_list([data])  # type: ignore[no-any-return]
    except NequipPackError:
        raise
    except Exception as error:
        what = "this structure does not fit the model"
        raise InputError(what, where=path, why=f"{type(error).__name__}: {error}") from error


def _with_cell(data: dict[str, Any]) -> dict[str, Any]:
    """A cell round a molecule: models are traced with one, and the neighbour list must come after it."""
    from nequip.data.transforms import NonPeriodicCellTransform

    return NonPeriodicCellTransform(padding=10.0, override_cell=True)(data)  # type: ignore[no-any-return]
