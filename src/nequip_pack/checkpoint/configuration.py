"""Configurations in checkpoints: mappings and lists in each other, from wherever the checkpoint came."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def mappings(config: object) -> Iterator[Mapping[Any, Any]]:
    """Every mapping in a configuration, the outer ones first; each once, however deep or entangled it is."""
    left, seen = [config], set[int]()
    while left:
        value = left.pop()
        if id(value) in seen:
            continue
        if isinstance(value, Mapping):
            seen.add(id(value))
            yield value
            left += reversed(list(value.values()))
        elif isinstance(value, (list, tuple)):
            seen.add(id(value))
            left += reversed(value)
