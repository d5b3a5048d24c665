"""Answers as JSON, whatever a package made them of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def json_text(content: Mapping[str, Any]) -> str:
    """Valid JSON: dates and bytes as Python shows them, numbers that are not finite as text."""
    import json

    from nequip_pack.format.jsontext import plain

    return json.dumps(plain(content), indent=2, default=str)
