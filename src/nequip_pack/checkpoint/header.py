"""Read what a Lightning checkpoint says of itself without torch and without running any of its code.

The pickle in the checkpoint is read by an unpickler that builds inert objects in place of every class but an
ordered dictionary, and skips all tensors. So a wrong checkpoint is known in milliseconds, before torch (one
second) and nequip (three more) are imported.
"""

from __future__ import annotations

import pickle
import zipfile
import zlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nequip_pack.errors import InputError
from nequip_pack.format.sniff import Kind, sniff

if TYPE_CHECKING:
    from pathlib import Path


class Opaque:
    """Stands for any object of the checkpoint that is not plain data."""

    def __init__(self, *args: object) -> None: ...

    def __setstate__(self, state: object) -> None: ...

    def __setitem__(self, key: object, value: object) -> None: ...

    def append(self, value: object) -> None:
        """Take an item of a list subclass."""

    def extend(self, values: object) -> None:
        """Take items of a list subclass."""

    def add(self, value: object) -> None:
        """Take an item of a set subclass."""


@dataclass(frozen=True, slots=True)
class Header:
    """The plain data of a NequIP checkpoint.

    Attributes:
        info: ``hyper_parameters.info_dict``, which nequip-train writes.
        state: ``state_dict``; tensors are :class:`Opaque`.
    """

    info: Mapping[str, Any]
    state: Mapping[str, Any]


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        return OrderedDict if (module, name) == ("collections", "OrderedDict") else Opaque

    def persistent_load(self, pid: object) -> Opaque:
        return Opaque()


def read_header(path: Path) -> Header:
    """Read the header of a NequIP checkpoint.

    Raises:
        InputError: if the file is missing, damaged, or not a NequIP checkpoint; the message says what it is.
    """
    kind = sniff(path, "checkpoint")
    if kind is Kind.PACKAGE:
        hint = "give the checkpoint (.ckpt) that it was built from"
        raise InputError("this is a package already, not a checkpoint", where=path, remedy=hint)
    if kind is not Kind.CHECKPOINT:
        hint = "give a checkpoint (.ckpt) written by nequip-train"
        raise InputError(f"this is {kind.value}, not a checkpoint", where=path, remedy=hint)
    return _nequip_header(path, _read_pickle(path))


def _read_pickle(path: Path) -> Any:
    try:
        with zipfile.ZipFile(path) as archive:
            member = next(name for name in archive.namelist() if name.partition("/")[2] == "data.pkl")
            with archive.open(member) as stream:
                return _Reader(stream).load()
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError) as error:
        raise InputError("the checkpoint is damaged", where=path, why=str(error)) from error
    except Exception as error:
        raise InputError("the checkpoint's pickle cannot be read", where=path, why=str(error)) from error


def _nequip_header(path: Path, content: Any) -> Header:
    top = content if isinstance(content, Mapping) else {}
    hyper_parameters, state = top.get("hyper_parameters"), top.get("state_dict")
    info = hyper_parameters.get("info_dict") if isinstance(hyper_parameters, Mapping) else None
    if not isinstance(info, Mapping) or not isinstance(state, Mapping):
        missing = "state_dict" if isinstance(info, Mapping) else "hyper_parameters.info_dict"
        raise InputError(
            "this torch checkpoint was not written by nequip-train",
            where=path,
            why=f"it has no {missing}",
            remedy="give a checkpoint (.ckpt) written by nequip-train",
        )
    for key in ("versions", "data", "training_module"):
        if not isinstance(info.get(key), Mapping):
            raise InputError("the checkpoint is not whole", where=path, why=f"info_dict has no {key}")
    return Header(info, state)
