"""Lint of the source inside a package, which is read as text."""

from __future__ import annotations

from nequip_pack.snapshot.check import Checked, check_package
from nequip_pack.snapshot.recorded import Recorded, recorded_closure

__all__ = ["Checked", "Recorded", "check_package", "recorded_closure"]
