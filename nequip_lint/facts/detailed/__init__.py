"""Facts that only rules about packaged files ask for: one kind, or a few of a kind, in each module."""

from __future__ import annotations
