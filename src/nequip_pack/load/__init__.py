"""Load packages. Needs torch and the true externals; neither nequip nor e3nn."""

from __future__ import annotations

from nequip_pack.load.package import LoadedPackage, ModelFromPackage, example_data, load_package, type_names

__all__ = ["LoadedPackage", "ModelFromPackage", "example_data", "load_package", "type_names"]
