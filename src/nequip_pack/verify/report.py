"""What a verification found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

PASSED: Final = "passed"
FAILED: Final = "failed"
UNCHECKED: Final = "not checked"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: its ``status`` is one of the words of this module."""

    name: str
    status: str
    detail: str = ""
