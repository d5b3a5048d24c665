"""Everything that a package says of itself, as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nequip_pack.format.closure import by_action, read_closure
from nequip_pack.format.manifest import content_id
from nequip_pack.format.metadata import extern_modules, python_version
from nequip_pack.format.records import records_gone
from nequip_pack.signing.beside import beside

if TYPE_CHECKING:
    from nequip_pack.format import Archive, Metadata


def summary(archive: Archive, metadata: Metadata) -> dict[str, Any]:
    """The JSON form of ``info``, version 1."""
    pack = metadata.nequip_pack or {}
    gone, signature = records_gone(archive, metadata), beside(archive.path)
    verdicts = {} if gone else pack  # of the package as it was before
    return {
        "version": 1,
        "path": str(archive.path),
        "size": archive.path.stat().st_size,
        "package_version_id": metadata.package_version_id,
        "writer": pack.get("writer", "nequip"),
        "python": python_version(archive),
        "versions": dict(metadata.versions),
        "available_models": list(metadata.available_models),
        "atom_types": list(metadata.type_names),
        "model_dtype": pack.get("model_dtype"),
        "cutoff": pack.get("cutoff"),
        "content_id": content_id(archive),
        "registered_externals": dict(metadata.external_modules),
        "recorded_externals": list(extern_modules(archive)),
        "lint": verdicts.get("lint"),
        "closure": verdicts.get("closure"),
        "closure_modules": by_action(read_closure(archive)) or None,
        "migrated": pack.get("migrated"),
        "rehearsed": pack.get("rehearsed"),
        "records_gone": gone,
        "signature": signature and signature.as_json(),
    }
