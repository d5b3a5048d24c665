"""What `nequip-lint registrations` proposes, and why."""

from __future__ import annotations
