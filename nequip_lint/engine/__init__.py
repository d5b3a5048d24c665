"""Run the rules over projects: select, confirm, suppress, count."""

from __future__ import annotations
