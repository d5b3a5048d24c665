"""Find packaging hazards of NequIP-framework extensions in source, before any build."""

__version__ = "0.2.0.dev0"
