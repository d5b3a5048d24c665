"""The command `nequip-lint`: parse, call one function, render."""

from __future__ import annotations

from nequip_lint.cli.main import main, run

__all__ = ["main", "run"]
