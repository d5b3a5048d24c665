"""Write a package from models in memory, the way a build does: beside its place, proved, then moved there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from nequip_pack.build.export import Exported, export, interned_packages, objects
from nequip_pack.build.output import Draft, failed
from nequip_pack.build.proof import prove
from nequip_pack.build.roots import pickle_roots
from nequip_pack.build.sink import Sink
from nequip_pack.format.manifest import add_manifest
from nequip_pack.rewrite.reload import patterns_of, verdict_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from nequip_pack.build.signals import StopSignals
    from nequip_pack.checkpoint import LoadedModels
    from nequip_pack.format import Archive, Metadata


def write_anew(
    loaded: LoadedModels,
    archive: Archive,
    metadata: Metadata,
    output: Path,
    signals: StopSignals,
    progress: Callable[[str], None],
) -> Exported:
    """Put a package of ``loaded`` at ``output``, in one step and after a proof in a fresh process.

    Args:
        loaded: what to write.
        archive: the package that it came from, whose registrations and verdict go on.
        metadata: that package's metadata.
        output: may be that package.
        signals: the handlers in force.
        progress: is told each stage as it begins.

    Raises:
        NequipPackError: as a build does.
    """
    patterns, verdict = patterns_of(archive, metadata), verdict_of(archive, metadata)
    generated = pickle_roots(objects(loaded), loaded.importers).generated
    with Draft(Path(os.path.realpath(output))) as draft:
        progress("writing the archive")
        with signals.deferred():
            sink = Sink(draft.stream)
            try:
                exported = export(loaded, patterns, verdict, generated, sink, output)
                add_manifest(draft.stream)
            except OSError as error:
                raise failed(output, error, sink.size) from error
        progress(f"proving {draft.finish()} bytes in a fresh process")
        blocked = interned_packages(exported.modules, patterns)
        prove(draft.path, output, loaded, exported.outputs, blocked, of="package")
        with signals.deferred(final=True):
            draft.commit()
    return exported
