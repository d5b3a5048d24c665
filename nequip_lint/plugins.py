"""Rules and fixes are one module each: importing them all registers them."""

from __future__ import annotations

import importlib
import os


def import_all(package: str, folder: str) -> None:
    """Import the modules of a package that are named after a code.

    Args:
        package: its dotted name.
        folder: where it lies.
    """
    for name in sorted(os.listdir(folder)):  # noqa: PTH208  pathlib costs more
        if name.startswith("nq") and name.endswith(".py"):
            importlib.import_module(f"{package}.{name[:-3]}")
