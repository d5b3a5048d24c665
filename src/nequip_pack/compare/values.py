"""Largest differences of tensors, from the bytes of their storages."""

from __future__ import annotations

import sys
from array import array
from dataclasses import dataclass
from math import isnan, prod
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nequip_pack.compare.pickled import Tensor
    from nequip_pack.format import Archive

_CODES: Final = {
    "FloatStorage": "f",
    "DoubleStorage": "d",
    "LongStorage": "q",
    "IntStorage": "i",
    "ShortStorage": "h",
    "CharStorage": "b",
    "ByteStorage": "B",
    "BoolStorage": "B",
}
_BITS: Final = {"HalfStorage": "H", "BFloat16Storage": "H", "ComplexFloatStorage": "Q"}
"""Types that `array` does not have: their bits are told apart, not measured."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How two sets of numbers differ.

    Attributes:
        absolute: the largest absolute difference; NaN if one of a pair is a number and the other is not.
        relative: that, divided by the largest magnitude among the first numbers.
    """

    absolute: float
    relative: float


class Storages:
    """The storages of one package, each read once."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._read: dict[str, bytes] = {}

    def numbers(self, tensor: Tensor) -> array[Any] | None:
        """The values of a tensor in the order of its indices, or their bits; ``None`` for any other type."""
        code = _CODES.get(tensor.kind) or _BITS.get(tensor.kind)
        if code is None or sys.byteorder != "little":
            return None
        if tensor.storage not in self._read:
            member = self._archive.members.get(tensor.storage)
            size = member.size if member is not None else 0
            self._read[tensor.storage] = self._archive.read(tensor.storage, size)
        content = self._read[tensor.storage]
        width = array(code).itemsize
        values = array(code, content[: len(content) // width * width])
        if tensor.stride == _contiguous(tensor.shape):
            return values[tensor.offset : tensor.offset + prod(tensor.shape)]
        return array(code, (values[index] for index in _indices(tensor)))


def difference(first: Iterable[float], second: Iterable[float]) -> Difference:
    """The largest difference of two sequences of the same length."""
    absolute = scale = 0.0
    for a, b in zip(first, second, strict=True):
        if a != b and not (isnan(a) and isnan(b)):
            gap = abs(a - b)
            absolute = gap if isnan(gap) or gap > absolute else absolute
            if isnan(gap):
                break
        scale = max(scale, abs(a))
    return Difference(absolute, absolute / scale if scale else absolute)


def pair(first: Storages, a: Tensor, second: Storages, b: Tensor) -> str | None:
    """How two tensors differ, in words; ``None`` if they have the same bits."""
    if (a.shape, a.kind) != (b.shape, b.kind):
        return f"{a.kind} {list(a.shape)} -> {b.kind} {list(b.shape)}"
    x, y = first.numbers(a), second.numbers(b)
    if x is None or y is None:
        return f"{a.kind} is not compared"
    if x.tobytes() == y.tobytes():
        return None
    if a.kind in _BITS:
        return f"{sum(i != j for i, j in zip(x, y, strict=True))} of {len(x)} values differ"
    return said(difference(x, y))


def said(found: Difference) -> str:
    """A difference in words."""
    return f"largest difference {found.absolute:.3g} (relative {found.relative:.3g})"


def _contiguous(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(prod(shape[index + 1 :]) for index in range(len(shape)))


def _indices(tensor: Tensor) -> list[int]:
    found = [tensor.offset]
    for length, step in zip(tensor.shape, tensor.stride, strict=True):
        found = [start + step * index for start in found for index in range(length)]
    return found
