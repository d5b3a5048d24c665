"""Answers as JSON, whatever a package made them of."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any


def json_text(content: Mapping[str, Any]) -> str:
    """Valid JSON: dates and bytes as Python shows them, numbers that are not finite as text."""
    import json

    return json.dumps(_plain(content), indent=2, default=str)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
