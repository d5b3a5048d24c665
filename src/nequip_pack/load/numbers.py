"""A tensor reduced to the numbers that references hold of it, and how far two of them are apart."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from nequip_pack.format.references import Reference, sample


@dataclass(frozen=True, slots=True)
class Numbers:
    """What is compared of one tensor.

    Attributes:
        values: a flat tensor of all its numbers, or of a sample.
        size: how many the tensor has.
        norm: the Euclidean norm of all finite numbers, in double precision; ``None`` if ``values`` are all.
        odd: how many numbers of the tensor are not finite.
    """

    values: Any
    size: int
    norm: float | None
    odd: int


@dataclass(frozen=True, slots=True)
class Gap:
    """How far a tensor is from a reference.

    Attributes:
        reference: the number of the reference where they differ most; ``None`` if there are no numbers.
        value: what is there instead.
        absolute: the largest difference; infinite where one is a finite number and the other is not.
        largest: the largest finite magnitude of the reference.
        in_norm: the difference of the norms per number, that is, divided by the root of their count.
        norm: the norm of the reference per number.
        exact: whether these are integers, which do not differ by rounding.
    """

    reference: float | None
    value: float | None
    absolute: float
    largest: float
    in_norm: float = 0.0
    norm: float = 0.0
    exact: bool = False

    def relative(self, floor: float) -> float:
        """The difference relative to the largest number of the reference, or to ``floor`` if that is more."""
        return max(
            _ratio(self.absolute, max(self.largest, floor)), _ratio(self.in_norm, max(self.norm, floor))
        )

    def below(self, floor: float) -> bool:
        """Whether no difference is more than ``floor``."""
        return self.absolute <= floor and self.in_norm <= floor


def reduced(value: Any, most: int) -> Numbers:
    """At most so many numbers of a tensor; a NaN has the same bits as any other."""
    import torch

    flat = value.detach().reshape(-1)
    if flat.is_floating_point() and flat.element_size() == 1:
        flat = flat.float()  # torch computes next to nothing in types of 8 bits
    odd = int((~flat.isfinite()).sum()) if flat.is_floating_point() else 0
    whole = flat.numel() <= most
    values = flat if whole else flat[torch.tensor(sample(flat.numel(), most))]
    if odd:
        values = values.masked_fill(values.isnan(), math.nan)
    return Numbers(values, flat.numel(), None if whole else _norm(flat), odd)


def stored(reference: Reference) -> Numbers:
    """The numbers of a reference, in the type that they were made in.

    Raises:
        ValueError: if torch has no such type, or the numbers do not fit it.
    """
    import torch

    dtype = getattr(torch, reference.dtype, None)
    if not isinstance(dtype, torch.dtype):
        raise ValueError(f"torch has no type {reference.dtype!r}")
    wide = torch.float32 if dtype.is_floating_point and dtype.itemsize == 1 else dtype
    try:
        values = torch.tensor(reference.values, dtype=wide)
    except (RuntimeError, TypeError, OverflowError) as error:
        raise ValueError(str(error)) from error
    return Numbers(values, math.prod(reference.shape), reference.norm, reference.odd)


def gap(reference: Numbers, found: Numbers) -> Gap:
    """The largest difference of as many numbers of two tensors, and that of their norms."""
    expected, value = reference.values.double(), found.values.double()
    if not len(expected):
        return Gap(None, None, 0.0, 0.0)
    apart = (expected - value).abs()
    apart[~apart.isfinite()] = math.inf
    apart[(expected == value) | (expected.isnan() & value.isnan())] = 0.0
    if not reference.values.is_floating_point():
        apart[reference.values != found.values] += 0.5  # integers that are the same in double precision
    magnitude = expected.abs().masked_fill(~expected.isfinite(), 0.0)
    place = int((apart if apart.any() else magnitude).argmax())
    largest = math.inf if reference.odd != found.odd else float(apart[place])
    count = math.sqrt(reference.size)
    norm, other = reference.norm or 0.0, found.norm or 0.0
    return Gap(
        float(expected[place]),
        float(value[place]),
        largest,
        float(magnitude.max()),
        abs(norm - other) / count,
        norm / count,
        exact=not reference.values.is_floating_point(),
    )


def _norm(flat: Any) -> float:
    wide = flat.double()
    return float(wide.masked_fill(~wide.isfinite(), 0.0).norm())


def _ratio(part: float, whole: float) -> float:
    if not part:
        return 0.0
    return part / whole if whole else math.inf
