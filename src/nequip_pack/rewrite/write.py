"""Write a package from models in memory, the way a build does: beside its place, proved, then moved there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nequip_pack.export.exported import Exported, export_into, interned_packages, objects
from nequip_pack.export.proof import prove
from nequip_pack.export.roots import pickle_roots
from nequip_pack.rewrite.reload import patterns_of, verdict_of
from nequip_pack.units import in_bytes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nequip_pack.checkpoint import LoadedModels
    from nequip_pack.format import Archive, Metadata
    from nequip_pack.writing.draft import Draft
    from nequip_pack.writing.publication import Publication


def write_anew(
    loaded: LoadedModels,
    archive: Archive,
    metadata: Metadata,
    publication: Publication,
    progress: Callable[[str], None],
) -> Exported:
    """Publish a package of ``loaded``, in one step and after a proof in a fresh process.

    Args:
        loaded: what to write.
        archive: the package that it came from, whose registrations and verdict go on.
        metadata: that package's metadata.
        publication: where it goes.
        progress: is told each stage as it begins.

    Raises:
        NequipPackError: as a build does.
    """
    output = publication.output
    patterns = patterns_of(archive, metadata, loaded.kept)
    verdict = verdict_of(archive, metadata, loaded.kept)
    generated = pickle_roots(objects(loaded), loaded.importers).generated

    def write(draft: Draft) -> Exported:
        progress("writing the archive")
        return export_into(draft, loaded, patterns, verdict, generated, output)

    def check(draft: Path, size: int, exported: Exported) -> None:
        progress(f"verifying {in_bytes(size)} in a fresh process")
        blocked = interned_packages(exported.modules, patterns) - loaded.kept.external_tops()
        prove(draft, output, loaded, exported.outputs, blocked, of="package")

    return publication.publish(write, check).content
