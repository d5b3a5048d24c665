"""What two packages stored of their predictions for the example data, and whether that is the same data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from nequip_pack.compare.pickled import Tensor, read_pickle
from nequip_pack.compare.values import Storages, difference, pair, said
from nequip_pack.format.references import Reference, paired, read_references

if TYPE_CHECKING:
    from nequip_pack.format import Archive

_EXAMPLE = "model/example_data.pkl"


def example_data(a: Archive, b: Archive) -> Iterator[str]:
    """The differing tensors of the example data, one line each."""
    in_a, in_b = (dict(_leaves(read_pickle(archive, _EXAMPLE).content)) for archive in (a, b))
    first, second = Storages(a), Storages(b)
    for name in sorted({*in_a, *in_b}):
        if name not in in_a or name not in in_b:
            yield f"{name or 'input'}: only in the {'first' if name in in_a else 'second'}"
        elif (line := pair(first, in_a[name], second, in_b[name])) is not None:
            yield f"{name or 'input'}: {line}"


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


def _leaves(data: Any, name: str = "") -> Iterator[tuple[str, Tensor]]:
    """The tensors of plain data by their way in it; a bare tensor has the empty name."""
    if isinstance(data, Tensor):
        yield name, data
    elif isinstance(data, (Mapping, list, tuple)):
        for key, value in data.items() if isinstance(data, Mapping) else enumerate(data):
            yield from _leaves(value, f"{name}.{key}" if name else str(key))
