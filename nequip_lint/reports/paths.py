"""Paths as users read them."""

from __future__ import annotations

import os


def here() -> str | None:
    """The working directory; None where it was deleted."""
    try:
        return os.getcwd()  # noqa: PTH109  compared as text
    except OSError:
        return None


def shown(path: str) -> str:
    """Relative with `/` below the working directory, else as it is."""
    folder = f"{here()}{os.sep}"
    return path[len(folder) :].replace(os.sep, "/") if path.startswith(folder) else path
