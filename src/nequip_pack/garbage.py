"""Pauses of Python's collector, where many objects are made and none of them in cycles."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def no_collection() -> Iterator[None]:
    """Look for no garbage meanwhile.

    Each full collection goes through every object there is. While torch and nequip are imported, syntax trees
    are read or a model is pickled, dozens of them find nothing, and take a fifth of a build.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
