"""Pauses of Python's collector, where very many objects are made and few of them are garbage."""

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
    are read or a model is pickled, hundreds of them find next to nothing, and take a fifth of a build's CPU
    time (measured with `gc.callbacks`; most of it during the imports).
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
