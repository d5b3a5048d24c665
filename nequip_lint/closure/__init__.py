"""The two sets: what torch.package collects, and what runs at import."""

from __future__ import annotations
