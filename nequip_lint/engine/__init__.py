"""Run the rules over projects: select, suppress, fix, count."""

from __future__ import annotations
