"""A learnable short-range repulsion between atoms, as an extension of NequIP."""

from . import _extern

__version__ = "0.1.0"

__all__ = ["__version__", "_extern"]
