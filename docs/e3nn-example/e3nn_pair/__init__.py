"""A small e3nn potential that knows nothing of NequIP."""

__version__ = "0.1.0"

__all__ = ["__version__"]
