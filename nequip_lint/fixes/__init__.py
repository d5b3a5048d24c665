"""Changes of source that end findings, one module for each rule that has any."""

from __future__ import annotations
