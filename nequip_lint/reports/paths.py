"""Paths as users read them."""

from __future__ import annotations

import os
from pathlib import Path


def shown(path: str) -> str:
    """Relative with `/` below the working directory, else as it is."""
    here = f"{Path.cwd()}{os.sep}"
    return path[len(here) :].replace(os.sep, "/") if path.startswith(here) else path
