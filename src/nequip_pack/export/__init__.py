"""From a checkpoint to a package that has been proved to load."""

from __future__ import annotations

from nequip_pack.export.pipeline import BuildResult, build_package

__all__ = ["BuildResult", "build_package"]
