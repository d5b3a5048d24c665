"""What the models give for the example data, beside the references that a build stored."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nequip_pack.load.numbers import Gap, gap, reduced, stored
from nequip_pack.load.outputs import NEVER_FINITE, is_never_finite, same_bits
from nequip_pack.verify.report import FAILED, PASSED, SAMPLE, UNCHECKED, WARNING, WHOLE, OutputCheck
from nequip_pack.verify.tolerance import BITWISE, OTHER, floor, limit, reached

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nequip_pack.format.references import Reference
    from nequip_pack.load.outputs import Outputs


def compare(references: Mapping[str, Reference], found: Outputs, dtype: str) -> list[OutputCheck]:
    """Every output that the models give or should give, by name.

    Args:
        references: what was stored, by ``model.output``.
        found: what they give.
        dtype: the precision of the model.
    """
    gaps = dict(_gaps(references, found))
    least = floor({name: one for name, one in gaps.items() if not references[name].intermediate}, dtype)
    return [
        *(
            _judged(name, references[name], found, gaps.get(name), least, dtype)
            for name in sorted(references)
        ),
        *_without_reference(references, found),
    ]


def _gaps(references: Mapping[str, Reference], found: Outputs) -> Iterator[tuple[str, Gap]]:
    for name, reference in references.items():
        value = found.tensors.get(name)
        if value is not None and _type(value) == (reference.dtype, reference.shape):
            yield name, gap(stored(reference), reduced(value, len(reference.values)))


def _judged(
    name: str, reference: Reference, found: Outputs, apart: Gap | None, least: float, dtype: str
) -> OutputCheck:
    value = found.tensors.get(name)
    wrong = WARNING if reference.intermediate else FAILED
    base = OutputCheck(name, wrong, "", reference.dtype, reference.shape, intermediate=reference.intermediate)
    if value is None:
        return replace(base, detail=found.left_out.get(name, "the model does not give this output"))
    if apart is None:
        is_now, was = (f"{kind} {list(shape)}" for kind, shape in (_type(value), _type_of(reference)))
        return replace(base, detail=f"{is_now} instead of {was}")
    if is_never_finite(value) and reference.odd == value.numel():
        return replace(base, status=UNCHECKED, detail=NEVER_FINITE)
    good, detail = _said(reference, value, apart, least, dtype)
    return replace(
        base,
        status=PASSED if good else wrong,
        detail=detail,
        compared=WHOLE if reference.whole else SAMPLE,
        reference=apart.reference,
        value=apart.value,
        absolute=apart.absolute,
        relative=apart.relative(least),
    )


def _said(reference: Reference, value: Any, apart: Gap, least: float, dtype: str) -> tuple[bool, str]:
    """Whether a difference is allowed, and which it is."""
    expected, here = stored(reference), reduced(value, len(reference.values))
    whole = "" if reference.whole else f", a sample of {len(reference.values)} numbers and the norm"
    if same_bits(expected.values, here.values) and (expected.norm, expected.odd) == (here.norm, here.odd):
        return True, f"{BITWISE} equal to the reference{whole}"
    if here.odd != reference.odd:
        return False, f"{here.odd} of its numbers are not finite, {reference.odd} in the reference"
    if not value.is_floating_point():
        return False, f"integers that are not those of the reference{whole}"
    by = f"off by {apart.relative(least):.1e}"
    kind = reached(apart, least, dtype)
    if kind is None:
        return False, f"{by} (limit {limit(OTHER, dtype):.0e}, {dtype} model){whole}"
    return True, f"not bitwise; within the class {kind!r}: {by} ({dtype} model){whole}"


def _without_reference(references: Mapping[str, Reference], found: Outputs) -> Iterator[OutputCheck]:
    why = "the package holds no reference for it"
    for name, value in sorted(found.tensors.items()):
        if name not in references:
            kind, shape = _type(value)
            inner = name in found.intermediates
            yield OutputCheck(name, UNCHECKED, why, kind, shape, intermediate=inner)
    for name, reason in sorted(found.left_out.items()):
        if name not in references:
            yield OutputCheck(name, UNCHECKED, reason)


def _type(value: Any) -> tuple[str, tuple[int, ...]]:
    return str(value.dtype).removeprefix("torch."), tuple(value.shape)


def _type_of(reference: Reference) -> tuple[str, tuple[int, ...]]:
    return reference.dtype, reference.shape
