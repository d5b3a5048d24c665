"""Make a new package from one: replace or add files, or apply modifiers to its model."""

from __future__ import annotations
