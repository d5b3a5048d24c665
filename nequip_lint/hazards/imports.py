"""An import that fails: what it names is not there."""

from __future__ import annotations

from nequip_lint.hazards.cause import Cause

UNREADABLE = Cause("NQ001", "{} {}", "correct the file")
ABSENT = Cause("NQ101", "{} is not installed on the building machine")
ABOVE_TOP = Cause("NQ211", "a relative import leaves the top-level package", "write fewer dots")
NOT_IN_PYTHON = Cause("NQ502", "{} is not in this Python")
