"""Compare packages and their members, from their bytes: no torch, and no code of a package runs."""

from __future__ import annotations
