"""Render reports and closures: for people and for machines."""

from __future__ import annotations
