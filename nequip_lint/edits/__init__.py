"""Changes of source on libcst trees, and what they need to know."""

from __future__ import annotations
