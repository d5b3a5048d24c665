"""What two packages stored of their predictions for the example data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from nequip_pack.compare.values import difference, said
from nequip_pack.format.references import Reference, paired, read_references

if TYPE_CHECKING:
    from nequip_pack.format import Archive


def predictions(a: Archive, b: Archive) -> Iterator[str]:
    """The differing outputs, one line each; one line if only one package has any."""
    in_a, in_b = read_references(a), read_references(b)
    if not (in_a and in_b):
        if in_a or in_b:
            yield f"only the {'first' if in_a else 'second'} has any, so that they are not compared"
        return
    for name in sorted({*in_a, *in_b}):
        if name not in in_a or name not in in_b:
            yield f"{name}: only in the {'first' if name in in_a else 'second'}"
        elif (line := _pair(in_a[name], in_b[name])) is not None:
            yield f"{name}: {line}"


def _pair(a: Reference, b: Reference) -> str | None:
    if (a.shape, a.dtype) != (b.shape, b.dtype):
        return f"{a.dtype} {list(a.shape)} -> {b.dtype} {list(b.shape)}"
    found = difference(*paired(a, b))
    return None if found.absolute == 0 else said(found)
