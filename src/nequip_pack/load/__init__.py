"""Load packages. Needs torch and the true externals; neither nequip nor e3nn."""

from __future__ import annotations

from nequip_pack.load.package import (
    LoadedPackage,
    ModelFromPackage,
    cutoff,
    example_data,
    load_package,
    model_dtype,
    type_names,
)

__all__ = [
    "LoadedPackage",
    "ModelFromPackage",
    "cutoff",
    "example_data",
    "load_package",
    "model_dtype",
    "type_names",
]
