"""Lint of the source inside a package, which is read as text."""

from __future__ import annotations

from nequip_pack.snapshot.check import Checked, check_package

__all__ = ["Checked", "check_package"]
