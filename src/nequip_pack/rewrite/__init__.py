"""Make a new package from one: other files, a modified model, or the current format."""

from __future__ import annotations
