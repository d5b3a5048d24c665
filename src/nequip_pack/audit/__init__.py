"""Trust before load: what a package would run, told without running or importing anything of it."""

from __future__ import annotations

from nequip_pack.audit.findings import Audit, Finding, Level, Origin
from nequip_pack.audit.run import audit_package, audited

__all__ = ["Audit", "Finding", "Level", "Origin", "audit_package", "audited"]
