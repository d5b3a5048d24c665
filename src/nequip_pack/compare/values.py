"""Largest differences of tensors, from the bytes of their storages."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import isnan, prod
from typing import TYPE_CHECKING, Any, Final

from nequip_pack.compare.described import clipped
from nequip_pack.errors import DamagedError

if TYPE_CHECKING:
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


class Unmeasured(Exception):
    """Why the numbers of a tensor are not looked at."""


class Storages:
    """The storages of one package; the last one is kept."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._last: tuple[str, bytes] = ("", b"")

    def content(self, name: str) -> bytes:
        """The bytes of one storage.

        Raises:
            DamagedError: if the package does not have it.
        """
        if self._last[0] != name:
            member = self._archive.members.get(name)
            self._last = (name, self._archive.read(name, member.size if member is not None else 0))
        return self._last[1]

    def check(self, tensor: Tensor) -> None:
        """Look whether a tensor fits into its storage, as far as the type is known.

        Raises:
            DamagedError: if it does not, or the package does not have its storage.
        """
        code = _CODES.get(tensor.kind) or _BITS.get(tensor.kind)
        member = self._archive.members.get(tensor.storage)
        size = member.size // array(code).itemsize if code and member else 0
        last = tensor.offset + sum(
            (length - 1) * step for length, step in zip(tensor.shape, tensor.stride, strict=True)
        )
        if member is not None and (code is None or 0 in tensor.shape or last < size):
            return
        why = f"a tensor of shape {list(tensor.shape)} ends at element {last}, its storage has {size}"
        what = f"a tensor does not fit into its storage {clipped(tensor.storage)}"
        raise DamagedError(what, where=self._archive.path, why=why, remedy="do not use this file")

    def numbers(self, tensor: Tensor) -> array[Any]:
        """The values of a tensor in the order of its indices, or their bits; repeated ones once.

        Raises:
            Unmeasured: for a type that is not known, or elements that overlap.
            DamagedError: if the tensor does not fit into its storage.
        """
        self.check(tensor)
        code = _CODES.get(tensor.kind) or _BITS.get(tensor.kind)
        if code is None:
            raise Unmeasured(f"{clipped(tensor.kind)} is not known")
        if sys.byteorder != "little":
            raise Unmeasured("numbers are stored in another byte order than this machine's")
        content = self.content(tensor.storage)
        width = array(code).itemsize
        values = array(code, content[: len(content) // width * width])
        kept = [(length, step) for length, step in zip(tensor.shape, tensor.stride, strict=True) if step]
        shape, stride = [length for length, _ in kept], [step for _, step in kept]
        if 0 in tensor.shape:
            return array(code)
        if prod(shape) > len(values):
            raise Unmeasured("its elements overlap")
        return _strided(values, tensor.offset, shape, stride)


def is_measured(tensor: Tensor) -> bool:
    """Whether the values of a tensor are of a type whose numbers are told, not only their bits."""
    return tensor.kind in _CODES


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
    """How two tensors differ, in words; ``None`` if they have the same bits.

    Raises:
        DamagedError: if one does not fit into its storage.
    """
    if (a.shape, a.kind) != (b.shape, b.kind):
        return f"{clipped(a.kind)} {list(a.shape)} -> {clipped(b.kind)} {list(b.shape)}"
    try:
        x, y = first.numbers(a), second.numbers(b)
    except Unmeasured as reason:
        same = (a.offset, a.stride) == (b.offset, b.stride)
        if same and first.content(a.storage) == second.content(b.storage):
            return None
        return f"not compared: {reason}"
    if [step == 0 for step in a.stride] != [step == 0 for step in b.stride]:
        return f"strides {list(a.stride)} -> {list(b.stride)}"
    if x.tobytes() == y.tobytes():
        return None
    if a.kind in _BITS:
        return f"{sum(i != j for i, j in zip(x, y, strict=True))} of {len(x)} values differ"
    return said(difference(x, y))


def said(found: Difference) -> str:
    """A difference in words."""
    return f"largest difference {found.absolute:.3g} (relative {found.relative:.3g})"


def _strided(values: array[Any], offset: int, shape: list[int], stride: list[int]) -> array[Any]:
    if not shape:
        return values[offset : offset + 1]
    if stride == [prod(shape[place + 1 :]) for place in range(len(shape))]:
        return values[offset : offset + prod(shape)]
    found = array(values.typecode)
    length, step = shape[-1], stride[-1]
    for start in _starts(offset, shape[:-1], stride[:-1]):
        found += values[start : start + (length - 1) * step + 1 : step]
    return found


def _starts(offset: int, shape: list[int], stride: list[int]) -> Iterator[int]:
    """The place of the first element of each row."""
    if not shape:
        yield offset
        return
    for index in range(shape[0]):
        yield from _starts(offset + index * stride[0], shape[1:], stride[1:])
