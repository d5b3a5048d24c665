"""What `${...}` in a configuration stands for, as far as the configuration itself tells."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_WHOLE = re.compile(r"\$\{([^{}]*)\}")
_DEEPEST = 20


class Unknown:
    """A value that only a run can tell."""


UNKNOWN = Unknown()


def value_of(value: Any, content: Mapping[str, Any], here: tuple[str, ...] = (), depth: int = 0) -> Any:
    """A value with its interpolations resolved; `UNKNOWN` where only a run can tell.

    Args:
        value: as the configuration has it; what is no string is returned as it is.
        content: the whole configuration.
        here: the names that lead to the value, for relative interpolations.
        depth: how many interpolations led here.
    """
    if not isinstance(value, str) or "${" not in value:
        return value
    if depth > _DEEPEST:
        return UNKNOWN
    whole = _WHOLE.fullmatch(value)
    if whole is not None:
        return _at(whole[1].strip(), content, here, depth)
    parts = {found[0]: _at(found[1].strip(), content, here, depth) for found in _WHOLE.finditer(value)}
    if any(isinstance(part, Unknown | Mapping | list) for part in parts.values()):
        return UNKNOWN
    filled = _WHOLE.sub(lambda found: str(parts[found[0]]), value)
    return UNKNOWN if filled == value else value_of(filled, content, here, depth + 1)


def _at(address: str, content: Mapping[str, Any], here: tuple[str, ...], depth: int) -> Any:
    """What stands at an address such as `a.b`, `.b` beside the value or `..b` above it."""
    if ":" in address:
        return UNKNOWN
    named = address.lstrip(".")
    up = len(address) - len(named)
    path = (*(here[:-up] if up else ()), *filter(None, re.split(r"[.\[\]]+", named)))
    value: Any = content
    for index, key in enumerate(path):
        value = value_of(_item(value, key), content, path[: index + 1], depth + 1)
    return value


def _item(value: Any, key: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(key, UNKNOWN)
    if isinstance(value, list) and key.isdecimal() and int(key) < len(value):
        return value[int(key)]
    return UNKNOWN
