"""The pickles of two packages: weights by their names, all else by the way to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from nequip_pack.compare.pickled import read_pickle, tensors
from nequip_pack.compare.structure import Structure
from nequip_pack.format.metadata import EXAMPLE, model_member

if TYPE_CHECKING:
    from nequip_pack.compare.described import Path
    from nequip_pack.compare.pickled import Tensor
    from nequip_pack.compare.tensors import Tensors
    from nequip_pack.format import Archive, Metadata


def weights(a: Archive, b: Archive, modes: list[str], found: Tensors) -> Iterator[str]:
    """The parameters and buffers of the models that both have, one line for each that differs."""
    for mode in modes:
        in_a, in_b = (tensors(read_pickle(archive, model_member(mode)).content) for archive in (a, b))
        for name in sorted({*in_a, *in_b}):
            if name not in in_a or name not in in_b:
                yield f"{mode} {name}: only in the {'first' if name in in_a else 'second'}"
            elif (line := found.line(in_a[name], in_b[name])) is not None:
                yield f"{mode} {name}: {line}"


def structure(a: Archive, b: Archive, member: str, found: Tensors) -> list[str]:
    """All that differs in one pickle but its weights, which have lines of their own."""
    first, second = read_pickle(a, member), read_pickle(b, member)
    named = [{id(tensor): name for name, tensor in tensors(one.content).items()} for one in (first, second)]

    def line(x: Tensor, y: Tensor, path: Path) -> str | None:
        name = named[0].get(id(x))
        return None if name is not None and name == named[1].get(id(y)) else found.line(x, y)

    return Structure(line).compare(first, second)


def common_modes(a: Metadata, b: Metadata) -> list[str]:
    """The compile modes that both have."""
    return [mode for mode in a.available_models if mode in b.available_models]


def pickles(a: Archive, b: Archive) -> list[str]:
    """The pickles that both packages have, the example data last."""
    both = [name for name in a.members if name in b.members and name.endswith(".pkl")]
    return sorted(both, key=lambda name: name == EXAMPLE)
