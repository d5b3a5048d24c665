"""The machine that builds, as far as only running something on it tells."""

from __future__ import annotations

import importlib
import warnings


def has_gpu() -> bool:
    """Whether torch sees a GPU at work."""
    import torch

    return bool(torch.cuda.is_available())


def can_import(name: str) -> bool:
    """Whether a library imports here, tried as torch.package is about to do itself.

    One that is installed and raises at import counts as absent (``package_exporter.py``, ``_module_exists``).
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            importlib.import_module(name)
        except Exception:
            return False
    return True
