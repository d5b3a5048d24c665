"""Ways through what a pickle holds: each object once, whatever refers to it, and to any depth."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from nequip_pack.pickles.values import Inert, Key, Ordered, Persistent, Pickled, Tensor

LEAVES: Final = frozenset({str, int, float, bool, type(None)})
"""What refers to nothing and holds no pickle."""
_PLAIN: Final = LEAVES | {bytes, list, tuple, dict}


def children(value: Any) -> Iterable[Any]:
    """What an object refers to."""
    kind = type(value)
    if kind in (list, tuple):
        return value  # type: ignore[no-any-return]
    if kind is dict:
        return _parts(value)
    if kind is Ordered:
        return [*_parts(value), *value.states]
    if kind is Inert:
        pairs = (part for pair in value.pairs or () for part in pair)
        return [value.callable, value.arguments, value.options, value.states, value.items, *pairs]
    if kind is Persistent:
        return (value.identifier,)
    if kind is Tensor:
        return value.rest  # type: ignore[no-any-return]
    return (value.value,) if kind is Key else ()


def objects(*roots: Any) -> Iterator[Any]:
    """Everything that can be reached but numbers and bare texts, each object once, the roots first."""
    seen: set[int] = set()
    waiting = list(reversed(roots))
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        yield value
        waiting += [child for child in children(value) if type(child) not in LEAVES]


def everything(pickled: Pickled) -> Iterator[Any]:
    """Every object of a pickle, also what is made, given a state or looked up, and thrown away."""
    return objects(pickled.content, *pickled.calls, *pickled.built, *pickled.lookups)


def is_plain(value: Any, depth: int) -> bool:
    """Whether a value is made of numbers, texts, lists and dictionaries alone, no deeper than ``depth``."""
    level = [value]
    for _ in range(depth):
        if any(type(one) not in _PLAIN for one in level):
            return False
        level = list({id(child): child for one in level for child in children(one)}.values())
        if not level:
            return True
    return False


def _parts(mapping: dict[Any, Any]) -> list[Any]:
    return [*(name for name in mapping if type(name) is Key), *mapping.values()]
