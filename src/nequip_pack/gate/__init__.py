"""The gate: lint of exactly what a build packages, for the machine that builds."""

from __future__ import annotations

from nequip_pack.gate.hooks import Allowance, BuildContext, Gate, GateResult
from nequip_pack.gate.lint import LintGate

__all__ = ["Allowance", "BuildContext", "Gate", "GateResult", "LintGate"]
