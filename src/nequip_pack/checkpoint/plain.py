"""Plain checkpoints: any torch module with one input, for packaging without nequip.

A plain checkpoint is a file of ``torch.save`` that holds a dictionary. The model is in it as it is, or as the
builder that makes it, with arguments and weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from nequip_pack.errors import FormatError, InputError
from nequip_pack.format.version import upgrade

if TYPE_CHECKING:
    from pathlib import Path

    from nequip_pack.checkpoint.header import Content

KEY: Final = "nequip_pack_checkpoint"
VERSION: Final = 1
_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "entry": (str,),
    "builder": (bool,),
    "type_names": (list,),
    "cutoff": (float, type(None)),
}


@dataclass(frozen=True, slots=True)
class PlainHeader:
    """What is known of a plain checkpoint before torch is imported.

    Attributes:
        entry: the builder, or the class of the model, as ``module:name``.
        builder: whether the model is made anew by a builder.
        type_names: the atom types in the order of their indices; may be empty.
        cutoff: the cutoff radius in the length unit of the data, ``None`` if there is none.
        modules: the modules whose classes and functions the checkpoint names.
    """

    entry: str
    builder: bool
    type_names: tuple[str, ...]
    cutoff: float | None
    modules: frozenset[str]

    @property
    def entry_module(self) -> str:
        """The module that defines the builder or the class of the model."""
        return self.entry.partition(":")[0]


def is_plain(content: Content) -> bool:
    """Whether a checkpoint was written by :func:`nequip_pack.save_checkpoint`."""
    return KEY in content.top


def plain_header(path: Path, content: Content) -> PlainHeader:
    """The header of a plain checkpoint whose pickle was read.

    Raises:
        FormatError: if a newer release wrote it.
        InputError: if it is not whole.
    """
    top = content.top
    version = top[KEY]
    if not isinstance(version, int) or version > VERSION:
        what = f"plain checkpoints of version {version!r} are not known, only up to {VERSION}"
        raise FormatError(what, where=path, remedy=upgrade())
    wrong = [key for key, types in _TYPES.items() if not isinstance(top.get(key, ...), types)]
    wrong += [key for key in ("model", "example_data") if key not in top]
    if wrong:
        why = f"missing or of a wrong type: {', '.join(wrong)}"
        raise InputError("the plain checkpoint is not whole", where=path, why=why)
    return PlainHeader(
        top["entry"],
        top["builder"],
        tuple(_names(path, top["type_names"])),
        top["cutoff"],
        frozenset({*content.modules, top["entry"].partition(":")[0]}),
    )


def _names(path: Path, value: list[Any]) -> list[str]:
    if not all(isinstance(name, str) for name in value):
        raise InputError("the plain checkpoint is not whole", where=path, why="a type name is no string")
    return value
