"""The parts of two objects of one kind that belong together, with the way to each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import Any, Final

from nequip_pack.compare.described import Path, described, step
from nequip_pack.compare.told import Told
from nequip_pack.pickles.values import Inert, Key, Ordered

NOTHING: Final = object()
"""Stands for the part that only the other object has."""
Pair = tuple[Any, Any, Path]


def listed(a: Any, b: Any, path: Path, told: Told) -> Iterator[Pair]:
    """The items of two lists or tuples, place by place."""
    if len(a) != len(b):
        told.tell(path, f"{len(a)} items -> {len(b)}")
    yield from ((x, y, (path, f"[{place}]")) for place, (x, y) in enumerate(paired(a, b)))


def mapped(a: dict[Any, Any], b: dict[Any, Any], path: Path, told: Told) -> Iterator[Pair]:
    """The values of two dictionaries, key by key; keys that are objects in their order."""
    mine, theirs = ([name for name in one if type(name) is not Key] for one in (a, b))
    if mine != theirs and [name for name in mine if name in b] == mine and len(mine) == len(theirs):
        told.tell(path, "its keys are in another order")
    yield from ((a[name], b.get(name, NOTHING), step(path, name)) for name in mine)
    yield from ((NOTHING, b[name], step(path, name)) for name in theirs if name not in a)
    for x, y in paired([k for k in a if type(k) is Key], [k for k in b if type(k) is Key]):
        yield x, y, (path, "(key)")
        yield a.get(x, NOTHING), b.get(y, NOTHING), (path, f"[{described(x if y is NOTHING else y)}]")
    if isinstance(a, Ordered) and isinstance(b, Ordered):
        yield a.states, b.states, (path, "(state)")


def called(a: Inert, b: Inert, path: Path, told: Told) -> Iterator[Pair]:
    """What two calls call, and what with, if they call the same."""
    before = told.count
    yield a.callable, b.callable, path
    if told.count > before:
        return
    arguments = enumerate(paired(a.arguments, b.arguments))
    yield from ((x, y, (path, f"({place})")) for place, (x, y) in arguments)
    yield a.options, b.options, (path, "(options)")
    yield from ((x, y, path) for x, y in paired(a.states, b.states))
    yield a.items or [], b.items or [], path
    for (name, x), (other, y) in paired(a.pairs or (), b.pairs or (), (NOTHING, NOTHING)):
        yield name, other, (path, "(key)")
        yield x, y, step(path, name if other is NOTHING else other)


def paired(a: Iterable[Any], b: Iterable[Any], missing: Any = NOTHING) -> Iterator[tuple[Any, Any]]:
    """Both side by side, filled up to the length of the longer one."""
    return zip_longest(a, b, fillvalue=missing)
