"""Sources of models: what a build is made from."""

from __future__ import annotations

from nequip_pack.checkpoint.kept import Kept
from nequip_pack.checkpoint.loaded import LoadedModels
from nequip_pack.checkpoint.source import Source, open_source

__all__ = ["Kept", "LoadedModels", "Source", "open_source"]
