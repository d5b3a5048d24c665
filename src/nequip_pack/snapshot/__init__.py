"""Lint of the source inside a package, for the machine that loads it: what fails there, and what is lost."""

from __future__ import annotations

from nequip_pack.snapshot.check import Machine, check_package

__all__ = ["Machine", "check_package"]
