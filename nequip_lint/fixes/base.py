"""What a fix is: a function from a finding to edits, known by the code of its rule."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from nequip_lint.plugins import import_all
from nequip_lint.values import Finding, Fix

if TYPE_CHECKING:
    from nequip_lint.fixes.context import Context

Fixer = Callable[["Context", Finding], Fix]
_FIXERS: dict[str, Fixer] = {}


class Declined(Exception):
    """Indicates that something is not changed; the text says why, as users read it."""


def fixer(code: str) -> Callable[[Fixer], Fixer]:
    """Register a function as the fix for the findings of a rule."""

    def register(make: Fixer) -> Fixer:
        _FIXERS[code] = make
        return make

    return register


@cache
def fixers() -> dict[str, Fixer]:
    """All fixes by the code of their rule."""
    import_all("nequip_lint.fixes", os.path.dirname(__file__))  # noqa: PTH120  pathlib costs more
    return dict(sorted(_FIXERS.items()))
