"""Changes of source that cure findings, one module for each rule that has any."""

from __future__ import annotations
