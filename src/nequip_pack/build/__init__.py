"""From a checkpoint to a package that has been proved to load."""

from __future__ import annotations

from nequip_pack.build.hooks import Allowance, BuildContext, Gate, GateResult
from nequip_pack.build.pipeline import BuildResult, build_package

__all__ = ["Allowance", "BuildContext", "BuildResult", "Gate", "GateResult", "build_package"]
