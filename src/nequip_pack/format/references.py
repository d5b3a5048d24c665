"""Reference predictions: what the eager models gave for the example data when the package was built.

A JSON member, so that reading it runs no code. An output of up to 4,096 numbers is stored whole, a larger
one as a sample and its norm; what a graph model of nequip passes on beside its results, as a small sample. A
float of 64 bits or fewer comes back with the bits that it went in with, because Python writes the shortest
decimal that does; one that is not finite is a word in its place (`"nan"`, `"inf"`, `"-inf"`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from nequip_pack.format.member import read_member

if TYPE_CHECKING:
    from nequip_pack.format.archive import Archive

MEMBER: Final = "model/references.json"
VERSION: Final = 2
"""Of what is written. Version 1, of nequip-pack 0.1, has nested lists, and few of the outputs."""
THREADS: Final = 1
"""Threads of torch while references are made; with another number, sums may differ in the last bit."""
WHOLE: Final = 4096
"""The most numbers that are stored of an output."""
SMALL: Final = 64
"""The most numbers that are stored of an intermediate."""
_AXES: Final = 64
"""The most axes of a tensor in torch."""
_GOLDEN: Final = (math.sqrt(5) - 1) / 2
_ODD: Final = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


@dataclass(frozen=True, slots=True)
class Reference:
    """One output.

    Attributes:
        dtype: torch's name of the type without ``torch.``, for example ``float32``.
        shape: of the tensor.
        values: all numbers in the order of their indices, or those at :func:`sample`.
        norm: the Euclidean norm of all finite numbers; ``None`` where all numbers are stored.
        odd: how many numbers of the tensor are not finite.
        intermediate: whether a graph model of nequip passes this on beside its results.
    """

    dtype: str
    shape: tuple[int, ...]
    values: tuple[float, ...]
    norm: float | None = None
    odd: int = 0
    intermediate: bool = False

    @property
    def whole(self) -> bool:
        """Whether all numbers are stored."""
        return len(self.values) == math.prod(self.shape)


def sample(size: int, most: int) -> Sequence[int]:
    """The flat indices of the numbers that are stored of ``size``: all, or ``most`` spread over all.

    The n-th is n times a step modulo the size. The step is near the golden section of the size and has no
    divisor in common with it, so that no index comes twice and every axis is gone through evenly.
    """
    if size <= most:
        return range(size)
    step = round(size * _GOLDEN)
    while math.gcd(step, size) > 1:
        step += 1
    return [index * step % size for index in range(most)]


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


def are_current(archive: Archive) -> bool:
    """Whether a package holds references as they are written now, of every output.

    Raises:
        DamagedError: if the member is there but not what it should be.
        FormatError: if a newer release wrote it.
    """
    return MEMBER in archive.members and read_member(archive, MEMBER, VERSION, _is_current)


def _is_current(content: Any) -> bool:
    return bool(content["version"] == VERSION)


def paired(a: Reference, b: Reference) -> tuple[Sequence[float], Sequence[float]]:
    """The numbers that two references of one shape have in common, and last their norms if both have one."""
    most = min(len(a.values), len(b.values))
    first, second = ([*_at(item, most)] for item in (a, b))
    if a.norm is not None and b.norm is not None:
        return [*first, a.norm], [*second, b.norm]
    return first, second


def _at(item: Reference, most: int) -> Iterator[float]:
    """Samples of more numbers begin with those of fewer."""
    if not item.whole or len(item.values) == most:
        return iter(item.values[:most])
    return (item.values[index] for index in sample(len(item.values), most))


def references_text(references: Mapping[str, Reference]) -> str:
    """The member's text."""
    outputs = {name: dict(_entry(item)) for name, item in sorted(references.items())}
    content = {"version": VERSION, "threads": THREADS, "outputs": outputs}
    return json.dumps(content, allow_nan=False)


def _entry(item: Reference) -> Iterator[tuple[str, object]]:
    yield from (("dtype", item.dtype), ("shape", list(item.shape)))
    yield "values", [value if math.isfinite(value) else str(float(value)) for value in item.values]
    if item.norm is not None:
        yield "norm", item.norm
    if item.odd:
        yield "odd", item.odd
    if item.intermediate:
        yield "intermediate", True


def _references(content: Any) -> dict[str, Reference]:
    read = _reference if content["version"] == VERSION else _first_reference
    return {str(name): read(value) for name, value in content["outputs"].items()}


def _reference(value: Mapping[str, Any]) -> Reference:
    shape, intermediate = _shape(value), value.get("intermediate", False) is True
    values = tuple(_number(item) for item in value["values"])
    size, norm, odd = math.prod(shape), value.get("norm"), int(value.get("odd", 0))
    if len(values) != min(size, SMALL if intermediate else WHOLE):
        raise ValueError(f"{len(values)} values do not fit the shape {shape}")
    if (norm is None) != (len(values) == size):
        raise ValueError("a norm belongs to an output of which a sample is stored, and to no other")
    if norm is not None:
        norm = float(_number(norm))
    return Reference(str(value["dtype"]), shape, values, norm, odd, intermediate)


def _first_reference(value: Mapping[str, Any]) -> Reference:
    """As version 1 has it."""
    shape = _shape(value)
    values = tuple(_flat(value["values"], shape))
    return Reference(str(value["dtype"]), shape, values, odd=sum(not math.isfinite(item) for item in values))


def _shape(value: Mapping[str, Any]) -> tuple[int, ...]:
    shape = tuple(int(length) for length in value["shape"])
    if len(shape) > _AXES or not all(0 <= length < 2**63 for length in shape):
        raise ValueError("no tensor has this shape")
    return shape


def _number(value: Any) -> float:
    if isinstance(value, str):
        return _ODD[value]
    if not isinstance(value, (bool, int, float)) or (isinstance(value, int) and abs(value) >= 2**64):
        raise ValueError("a value is no number of 64 bits")
    return value


def _flat(values: Any, shape: tuple[int, ...]) -> Iterator[float]:
    if not shape:
        yield _number(values)
    elif not isinstance(values, list) or len(values) != shape[0]:
        raise ValueError(f"the values do not have the shape {shape}")
    else:
        for value in values:
            yield from _flat(value, shape[1:])
