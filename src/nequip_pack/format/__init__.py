"""The package format: its versions, its metadata, and a strict static reader. Never imports torch."""

from __future__ import annotations

from nequip_pack.format.archive import Archive, open_archive
from nequip_pack.format.metadata import Metadata, read_metadata
from nequip_pack.format.version import CURRENT, PACK_FORMAT

__all__ = ["CURRENT", "PACK_FORMAT", "Archive", "Metadata", "open_archive", "read_metadata"]
