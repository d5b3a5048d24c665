"""The tensors of two packages, and which of their storages these explain."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from nequip_pack.compare.values import Storages, pair

if TYPE_CHECKING:
    from nequip_pack.compare.pickled import Tensor
    from nequip_pack.format import Archive

SUFFIX = ".storage"


class Tensors:
    """Compares tensors and remembers in which storages they lie.

    Attributes:
        told: pairs of storages about whose tensors there is a line.
    """

    def __init__(self, a: Archive, b: Archive) -> None:
        self._a, self._b = a, b
        self._first, self._second = Storages(a), Storages(b)
        self._equal: dict[tuple[str, str], bool] = {}
        self.told: set[tuple[str, str]] = set()

    def line(self, a: Tensor, b: Tensor) -> str | None:
        """How two tensors differ, in words; ``None`` if they have the same bits."""
        self._first.check(a)
        self._second.check(b)
        where = (a.storage, b.storage)
        same_place = (a.kind, a.offset, a.shape, a.stride) == (b.kind, b.offset, b.shape, b.stride)
        if self._same(*where) and same_place:
            return None
        found = pair(self._first, a, self._second, b)
        if found is not None:
            self.told.add(where)
        return found

    @property
    def renumbered(self) -> bool:
        """Whether the packages name some storage differently, as writers do that store each content once."""
        return any(first != second for first, second in self._equal)

    def untold(self) -> Iterator[str]:
        """Storages that differ where no tensor shows it, and those that no pair of tensors lies in."""
        compared = dict(self._equal)
        for first, second in sorted(where for where, equal in compared.items() if not equal):
            if (first, second) not in self.told:
                yield f"{second}: bytes differ outside of its tensors"
        in_a = _names(self._a) - {first for first, _ in compared}
        in_b = _names(self._b) - {second for _, second in compared}
        for name in sorted(in_a | in_b):
            if name not in in_a or name not in in_b:
                yield f"{name}: only in the {'first' if name in in_a else 'second'}"
            elif not self._same(name, name):
                yield f"{name}: bytes differ"

    def _same(self, first: str, second: str) -> bool:
        known = self._equal.get((first, second))
        if known is None:
            known = self._first.content(first) == self._second.content(second)
            self._equal[first, second] = known
        return known


def _names(archive: Archive) -> set[str]:
    return {name for name in archive.members if name.endswith(SUFFIX)}
