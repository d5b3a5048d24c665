"""Read what a checkpoint says of itself without torch and without running any of its code.

The pickle in the checkpoint is read by an unpickler that builds inert objects in place of every class but an
ordered dictionary, and skips all tensors. So a wrong checkpoint is known in milliseconds, before torch (one
second) and nequip (three more) are imported. Each member is compared with its CRC-32 first, which torch does
not do: at some gigabytes a second, and the load finds the file in memory.
"""

from __future__ import annotations

import io
import pickle
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any, Final

from nequip_pack.errors import DamagedError, InputError
from nequip_pack.format.archive import read_directory
from nequip_pack.format.sniff import Kind, sniff

if TYPE_CHECKING:
    from pathlib import Path

_PICKLE: Final = "data.pkl"
_PICKLE_LIMIT: Final = 1 << 29
_WRITERS: Final = "give a checkpoint written by nequip-train or nequip_pack.save_checkpoint"
_RESAVE: Final = "torch's zip format is needed: read it with torch.load and write it again with torch.save"


class Opaque:
    """Stands for any object of the checkpoint that is not plain data."""

    def __init__(self, *args: object) -> None: ...

    def __setstate__(self, state: object) -> None: ...

    def __setitem__(self, key: object, value: object) -> None: ...

    def __call__(self, *args: object, **options: object) -> Opaque:
        return Opaque()

    def append(self, value: object) -> None:
        """Take an item of a list subclass."""

    def extend(self, values: object) -> None:
        """Take items of a list subclass."""

    def add(self, value: object) -> None:
        """Take an item of a set subclass."""


@dataclass(slots=True)
class Content:
    """What a checkpoint's pickle holds.

    Attributes:
        top: the outermost object if it is a mapping, else empty; all but plain data is :class:`Opaque`.
        modules: the modules whose classes and functions it names.
    """

    top: Mapping[str, Any] = field(default_factory=dict)
    modules: set[str] = field(default_factory=set)


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
    def __init__(self, stream: IO[bytes], found: Content) -> None:
        super().__init__(stream)
        self._found = found

    def find_class(self, module: str, name: str) -> Any:
        self._found.modules.add(module)
        return OrderedDict if (module, name) == ("collections", "OrderedDict") else Opaque

    def persistent_load(self, pid: object) -> Opaque:
        return Opaque()


def read_content(path: Path) -> Content:
    """Read the pickle of a torch checkpoint of any kind.

    Raises:
        InputError: if the file is missing or not a checkpoint; the message says what it is.
        DamagedError: if it is damaged: cut short, a member differs from its CRC-32, or its pickle is none.
    """
    kind = sniff(path, "checkpoint")
    if kind is Kind.PACKAGE:
        hint = "give the checkpoint (.ckpt) that it was built from"
        raise InputError("this is a package already, not a checkpoint", where=path, remedy=hint)
    if kind not in (Kind.CHECKPOINT, Kind.BROKEN_ZIP):
        remedy = _RESAVE if kind is Kind.PICKLE else _WRITERS
        raise InputError(f"this is {kind.value}, not a checkpoint", where=path, remedy=remedy)
    archive = read_directory(path, "checkpoint")
    archive.check_content()
    return _content(path, archive.read(_PICKLE, _PICKLE_LIMIT))


def _content(path: Path, pickled: bytes) -> Content:
    found = Content()
    try:
        top = _Reader(io.BytesIO(pickled), found).load()
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
        raise DamagedError("the checkpoint's pickle cannot be read", where=path, why=why) from error
    found.top = top if isinstance(top, Mapping) else {}
    return found


def nequip_header(path: Path, content: Content) -> Header:
    """The header of a NequIP checkpoint whose pickle was read.

    Raises:
        InputError: if it is the checkpoint of something else, or not whole.
    """
    top = content.top
    hyper_parameters, state = top.get("hyper_parameters"), top.get("state_dict")
    info = hyper_parameters.get("info_dict") if isinstance(hyper_parameters, Mapping) else None
    if not isinstance(info, Mapping) or not isinstance(state, Mapping):
        missing = "state_dict" if isinstance(info, Mapping) else "hyper_parameters.info_dict"
        raise InputError(
            "this torch checkpoint was not written by nequip-train",
            where=path,
            why=f"it has no {missing}",
            remedy=_WRITERS,
        )
    for key in ("versions", "data", "training_module"):
        if not isinstance(info.get(key), Mapping):
            raise InputError("the checkpoint is not whole", where=path, why=f"info_dict has no {key}")
    if not isinstance(info["training_module"].get("_target_"), str):
        raise InputError("the checkpoint is not whole", where=path, why="training_module has no _target_")
    return Header(info, state)
