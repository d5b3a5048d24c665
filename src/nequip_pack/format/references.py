"""Reference predictions: what the eager models gave for the example data when the package was built.

A JSON member, so that reading it runs no code. A float of 64 bits or fewer comes back with the bits that it
went in with, because Python writes the shortest decimal that does.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from nequip_pack.format.member import read_member

if TYPE_CHECKING:
    from nequip_pack.format.archive import Archive

MEMBER: Final = "model/references.json"
VERSION: Final = 1
THREADS: Final = 1
"""Threads of torch while references are made; with another number, sums may differ in the last bit."""


@dataclass(frozen=True, slots=True)
class Reference:
    """One output.

    Attributes:
        dtype: torch's name of the type without ``torch.``, for example ``float32``.
        shape: of the tensor.
        values: nested lists; a bare number for the shape ``()``.
    """

    dtype: str
    shape: tuple[int, ...]
    values: Any


def read_references(archive: Archive) -> dict[str, Reference]:
    """The predictions that were stored when the package was built; empty where there are none.

    Returns:
        By ``model.output``, for example ``sole_model.total_energy``, in the units of the training data.

    Raises:
        DamagedError: if the member is there but not what it should be.
        FormatError: if a newer release wrote it.
    """
    if MEMBER not in archive.members:
        return {}
    return read_member(archive, MEMBER, VERSION, _references)


def _references(content: Any) -> dict[str, Reference]:
    return {name: _reference(value) for name, value in content["outputs"].items()}


def references_text(references: Mapping[str, Reference]) -> str:
    """The member's text."""
    outputs = {
        name: {"dtype": item.dtype, "shape": list(item.shape), "values": item.values}
        for name, item in sorted(references.items())
    }
    return json.dumps({"version": VERSION, "threads": THREADS, "outputs": outputs})


def _reference(value: Mapping[str, Any]) -> Reference:
    shape = tuple(int(length) for length in value["shape"])
    if not _fits(value["values"], shape):
        raise ValueError(f"the values do not have the shape {shape}")
    return Reference(str(value["dtype"]), shape, value["values"])


def _fits(values: Any, shape: tuple[int, ...]) -> bool:
    if not shape:
        return isinstance(values, (bool, int, float))
    return (
        isinstance(values, list)
        and len(values) == shape[0]
        and all(_fits(value, shape[1:]) for value in values)
    )
