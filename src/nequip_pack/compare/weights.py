"""How much the weights of two packages differ, tensor by tensor."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from nequip_lint.api import escaped
from nequip_pack.compare.pickled import read_pickle, tensors
from nequip_pack.compare.values import Storages, Unmeasured, difference, is_measured, pair
from nequip_pack.format.metadata import model_member

if TYPE_CHECKING:
    from nequip_pack.compare.pickled import Tensor
    from nequip_pack.format import Archive

_LONGEST: Final = 300


@dataclass(frozen=True, slots=True)
class Numbers:
    """Mean and standard deviation of the numbers of a tensor that are finite; NaN where there are none."""

    mean: float
    deviation: float


@dataclass(frozen=True, slots=True)
class Weight:
    """A parameter or buffer that differs.

    Attributes:
        name: in ``state_dict``, after the compile mode.
        said: how it differs, in words; empty where it was measured.
        shape: of the tensor.
        count: of its values, and ``differing`` of those that differ.
        largest: the largest difference, ``relative`` to the largest magnitude before.
        before: its numbers in the first package, and ``after`` in the second.
    """

    name: str
    said: str = ""
    shape: tuple[int, ...] = ()
    count: int = 0
    differing: int = 0
    largest: float = 0.0
    relative: float = 0.0
    before: Numbers | None = None
    after: Numbers | None = None


def weights(a: Archive, b: Archive, modes: Sequence[str]) -> tuple[list[Weight], int]:
    """The weights that differ in the models that both have, and the number of those that are the same.

    Raises:
        DamagedError: if a pickle or a tensor in either is damaged.
    """
    found, same = [], 0
    for one in _compared(a, b, modes):
        if one is None:
            same += 1
        else:
            found.append(one)
    return found, same


def _compared(a: Archive, b: Archive, modes: Sequence[str]) -> Iterator[Weight | None]:
    first, second = Storages(a), Storages(b)
    for mode in modes:
        in_a, in_b = (tensors(read_pickle(archive, model_member(mode)).content) for archive in (a, b))
        for name in sorted({*in_a, *in_b}):
            told = escaped(f"{mode} {name[:_LONGEST]}")
            if name not in in_a or name not in in_b:
                yield Weight(told, f"only in the {'first' if name in in_a else 'second'}")
            elif (words := pair(first, in_a[name], second, in_b[name])) is None:
                yield None
            else:
                yield _measured(told, words, (first, in_a[name]), (second, in_b[name]))


def _measured(name: str, words: str, a: tuple[Storages, Tensor], b: tuple[Storages, Tensor]) -> Weight:
    """A pair that differs; in words alone where its numbers cannot be compared."""
    shape = a[1].shape
    if shape != b[1].shape or not (is_measured(a[1]) and is_measured(b[1])):
        return Weight(name, words, shape)
    try:
        x, y = a[0].numbers(a[1]), b[0].numbers(b[1])
    except Unmeasured:
        return Weight(name, words, shape)
    if len(x) != len(y):
        return Weight(name, words, shape)
    found = difference(x, y)
    count = sum(i != j and (i == i or j == j) for i, j in zip(x, y, strict=True))  # NaN is NaN's equal
    return Weight(name, "", shape, len(x), count, found.absolute, found.relative, _numbers(x), _numbers(y))


def _numbers(values: Sequence[Any]) -> Numbers:
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return Numbers(math.nan, math.nan)
    mean = math.fsum(finite) / len(finite)
    return Numbers(mean, math.sqrt(math.fsum((value - mean) ** 2 for value in finite) / len(finite)))
