"""Find packaging hazards of NequIP-framework extensions in source, before any build."""

from __future__ import annotations

__version__ = "0.1.0"
