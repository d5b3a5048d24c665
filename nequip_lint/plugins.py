"""Rules and hazards are one module each: importing them all registers them."""

from __future__ import annotations

import importlib
import os


def import_all(package: str, folder: str, prefix: str = "") -> None:
    """Import the modules of a package.

    Args:
        package: its dotted name.
        folder: where it lies.
        prefix: with which their names begin.
    """
    for name in sorted(os.listdir(folder)):  # noqa: PTH208  pathlib costs more
        if name.startswith(prefix) and name.endswith(".py") and name != "__init__.py":
            importlib.import_module(f"{package}.{name[:-3]}")
