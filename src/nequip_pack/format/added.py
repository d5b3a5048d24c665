"""What nequip-pack adds to the metadata, key by key: each has one type, whoever wrote it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from nequip_pack.errors import FormatError
from nequip_pack.format.version import PACK_FORMAT, upgrade

REHEARSED: Final = "rehearsed"
"""The key that marks the package of a rehearsal, whose weights are untrained."""

_SHOWN: Final = 100


def shown(value: object) -> str:
    """A value for a message: as Python writes it, or the start of that."""
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def wrong_in_record(record: Mapping[str, Any]) -> tuple[str, str] | None:
    """The first key whose value is not what nequip-pack writes there, and why; ``None`` if there is none.

    Raises:
        FormatError: for a newer format of the record.
    """
    number = record.get("format")
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        return "format", f"{shown(number)} is not a format number"
    if number > PACK_FORMAT:
        what = f"nequip_pack format {number} is newer than {PACK_FORMAT}, the newest known"
        raise FormatError(what, remedy=upgrade())
    for key, (is_right, kind) in _KINDS.items():
        if record.get(key) is not None and not is_right(record[key]):
            return key, f"{shown(record[key])} is not {kind}"
    return None


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def is_length(value: object) -> bool:
    """Whether a cutoff can be that."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < math.inf


def _is_mapping(value: object) -> bool:
    return isinstance(value, Mapping)


_KINDS: Final[Mapping[str, tuple[Callable[[object], bool], str]]] = {
    "writer": (_is_text, "a text"),
    "checkpoint": (_is_text, "a text"),
    "model_dtype": (_is_text, "a text"),
    "cutoff": (is_length, "a length"),
    "lint": (_is_mapping, "a mapping"),
    "closure": (_is_mapping, "a mapping"),
    "migrated": (_is_mapping, "a mapping"),
    REHEARSED: (_is_mapping, "a mapping"),
}
