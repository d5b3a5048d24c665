"""``migrate``: the current format from any older one, the code and the predictions being the same."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from nequip_pack.errors import Refused
from nequip_pack.export.references import predict
from nequip_pack.format.manifest import MEMBER as MANIFEST
from nequip_pack.format.metadata import python_version
from nequip_pack.format.references import are_current
from nequip_pack.format.version import CURRENT
from nequip_pack.load.origin import content_hash
from nequip_pack.rewrite.modify import changes
from nequip_pack.rewrite.predictions import predicted
from nequip_pack.rewrite.reload import reload
from nequip_pack.rewrite.target import target_of
from nequip_pack.rewrite.write import write_anew
from nequip_pack.writing.publication import publishing

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nequip_pack.checkpoint import LoadedModels
    from nequip_pack.format import Archive, Metadata
    from nequip_pack.writing.draft import Draft

_UNREAD: Final = frozenset({"aotinductor"})
"""A compile mode of nequip 0.7 alone; later releases compile the eager model ahead of time."""


@dataclass(frozen=True, slots=True)
class Migrated:
    """What a migration did: the compile modes now in the package, and those that were left out."""

    models: tuple[str, ...]
    left_out: tuple[str, ...]


def is_current(archive: Archive, metadata: Metadata) -> bool:
    """Whether a package has everything that one which is built now has."""
    ours = metadata.nequip_pack is not None and metadata.package_version_id == CURRENT
    return ours and MANIFEST in archive.members and are_current(archive)


def copy(archive: Archive, output: Path) -> None:
    """Put the package, as it is, at ``output``.

    Raises:
        UsageError: for a wrong name or folder, or the package itself.
        OutputError: if it could not be written; what was at ``output`` is still there then.
    """

    def write(draft: Draft) -> None:
        with archive.path.open("rb") as stream:
            shutil.copyfileobj(stream, draft.stream)

    with publishing(target_of(archive, output)) as publication:
        publication.publish(write, lambda draft, size, content: None)


def migrate(
    archive: Archive, metadata: Metadata, output: Path | None, progress: Callable[[str], None]
) -> Migrated:
    """Write a package in the current format, verified as a built one is.

    Args:
        archive: the package to start from, whose content was compared with its checksums.
        metadata: its metadata.
        output: ends in ``.nequip.zip``; ``None`` replaces the package itself. Untouched unless all succeeds.
        progress: is told each stage as it begins.

    Raises:
        Refused: if the predictions for the example data are not the same bits.
        NequipPackError: as a build does.
    """
    with publishing(target_of(archive, output)) as publication:
        progress("running the package in a fresh process")
        before = predicted(archive, archive.path).tensors
        progress("loading the models")
        loaded = reload(archive, metadata)
        left_out = tuple(mode for mode in loaded.models if mode in _UNREAD)
        kept = {mode: models for mode, models in loaded.models.items() if mode not in _UNREAD}
        record = _record(archive, metadata, left_out)
        loaded = replace(loaded, models=kept, records={"migrated": record})
        _check_same(before, loaded, archive.path)
        write_anew(loaded, archive, metadata, publication, progress)
    return Migrated(tuple(kept), left_out)


def _record(archive: Archive, metadata: Metadata, left_out: tuple[str, ...]) -> dict[str, Any]:
    """Where the package came from; the record of an earlier migration is inside."""
    earlier = (metadata.nequip_pack or {}).get("migrated")
    return {
        "from_format": metadata.package_version_id,
        "sha256": content_hash(archive.path),
        "python": python_version(archive),
        "versions": metadata.versions,
        **({"left_out": list(left_out)} if left_out else {}),
        **({"earlier": earlier} if earlier else {}),
    }


def _check_same(before: dict[str, Any], loaded: LoadedModels, where: Path) -> None:
    """Loaded here, beside whatever is installed here, the models must do what they do on their own."""
    different = changes(before, predict(loaded, where).tensors)
    if different:
        what = f"{len(different)} predictions are others beside the libraries that are installed here"
        details = "\n".join(change.name for change in different)
        raise Refused(what, where=where, remedy="nothing was written", details=details)
