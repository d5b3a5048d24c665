"""What exists on one machine, and which tests in source hold there."""

from __future__ import annotations
