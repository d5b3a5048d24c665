"""JSON that somebody else wrote, read within bounds, and what somebody else wrote as JSON."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

TEXT_LIMIT: Final = 16 * 1024 * 1024
"""The most bytes of a JSON member."""

ITEM_LIMIT: Final = 1_000_000
"""The most items of all its lists and mappings together; the references of a large model have thousands."""

DEPTH_LIMIT: Final = 50
NUMBER_LIMIT: Final = 100
"""The most digits of a number."""

_TOKEN: Final = re.compile(r'[\[{]|[\]}]|"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)
_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")
_STEP: Final = {"[": 1, "{": 1, "]": -1, "}": -1}


def parse_json(content: bytes) -> Any:
    """The plain data of a text; numbers that are not finite are taken, as Python writes them.

    Raises:
        ValueError: if it is no JSON, passes a bound, has a key twice, or a text that no encoding has.
    """
    text = content.decode("utf-8")
    items = sum(text.count(mark) for mark in ",[{")
    if items > ITEM_LIMIT:
        raise ValueError(f"it has {items} items, more than {ITEM_LIMIT}")
    if _is_deep(text):
        raise ValueError(f"it is nested deeper than {DEPTH_LIMIT}")
    value = _DECODER.decode(text)
    if _SURROGATE.search(text) and not all(_is_text(found) for found in _texts(value)):
        raise ValueError("a text has a surrogate")
    return value


def plain(value: Any) -> Any:
    """The same as JSON can hold it: numbers that are not finite as text."""
    if isinstance(value, Mapping):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _is_deep(text: str) -> bool:
    depth = 0
    for token in _TOKEN.finditer(text):
        depth += _STEP.get(token[0], 0)
        if depth > DEPTH_LIMIT:
            return True
    return False


def _mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("it has a key twice")
    return found


def _whole(digits: str) -> int:
    if len(digits) > NUMBER_LIMIT:
        raise ValueError(f"a number has {len(digits)} digits, more than {NUMBER_LIMIT}")
    return int(digits)


def _texts(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, str):
            yield found
        elif isinstance(found, dict):
            waiting += [*found, *found.values()]
        elif isinstance(found, list):
            waiting += found


def _is_text(value: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in value)


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_mapping, parse_int=_whole)
