"""What this environment has, asked without importing it."""

from __future__ import annotations

import importlib.util


def is_installed(name: str) -> bool:
    """Whether the top-level package of the import ``name`` can be found here."""
    try:
        return importlib.util.find_spec(name.partition(".")[0]) is not None
    except (ImportError, ValueError):
        return False
