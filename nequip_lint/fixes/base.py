"""What a fix is: a function from a finding to edits, known by the code of its rule."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from nequip_lint.values import Finding, Fix

if TYPE_CHECKING:
    from nequip_lint.edits.context import Context

Fixer = Callable[["Context", Finding], Fix]
_FIXERS: dict[str, Fixer] = {}


def fixer(code: str) -> Callable[[Fixer], Fixer]:
    """Register a function as the fix for the findings of a rule."""

    def register(make: Fixer) -> Fixer:
        _FIXERS[code] = make
        return make

    return register


def fixer_of(code: str) -> Fixer:
    """The fix for the findings of a rule that has one; no other fix is imported for it."""
    import_module(f"nequip_lint.fixes.{code.lower()}")
    return _FIXERS[code]
