"""A checkpoint mapped into memory: a build loads it several times, and most of it is not needed."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextlib.contextmanager
def mapped(path: Path) -> Iterator[None]:
    """Let ``torch.load`` map one file wherever it is asked for it, by name or as an open file.

    nequip and lightning read a checkpoint twice for each model and once for the data, optimizer states and
    all. The map is private: what is changed in memory never reaches the file.

    Args:
        path: written by ``torch.save`` in its zip format.
    """
    import torch

    load = torch.load

    def load_mapped(file: Any, *arguments: Any, **options: Any) -> Any:
        name = file if isinstance(file, (str, os.PathLike)) else getattr(file, "name", None)
        if isinstance(name, (str, os.PathLike)) and _is_same(name, path):
            return load(os.fspath(path), *arguments, **{**options, "mmap": True})
        return load(file, *arguments, **options)

    torch.load = load_mapped
    try:
        yield
    finally:
        torch.load = load


def _is_same(name: str | os.PathLike[str], path: Path) -> bool:
    try:
        return path.samefile(name)
    except OSError:
        return False
