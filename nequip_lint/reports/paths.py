"""Paths as users read them."""

from __future__ import annotations

import os


def shown(path: str) -> str:
    """Relative with `/` below the working directory, else as it is."""
    here = os.getcwd() + os.sep
    return path[len(here) :].replace(os.sep, "/") if path.startswith(here) else path
