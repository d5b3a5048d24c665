"""Whether a package still has what nequip-pack put into it.

nequip's own ``modify`` and ``update`` copy the metadata and the configuration of a package and leave out the
members that they do not know (nequip 0.19.1, ``nequip/scripts/package.py``). So a package without any of
those was rewritten, which is nobody's fault; one that lacks only some of them is not what anyone wrote.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from nequip_pack.errors import DamagedError
from nequip_pack.format import closure, manifest, references
from nequip_pack.format.zipend import AGAIN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nequip_pack.format.archive import Archive
    from nequip_pack.format.metadata import Metadata

CONFIG: Final = "model/config.yaml"
GONE: Final = "no records of nequip-pack left: another tool rewrote it"
_RECORDS: Final = frozenset({manifest.MEMBER, references.MEMBER, closure.MEMBER})
_UPDATED: Final = frozenset({manifest.MEMBER})
"""What ``nequip-pack update`` adds to a package that nequip wrote."""


def records_gone(archive: Archive, metadata: Metadata) -> bool:
    """Whether another tool rewrote the package and dropped all of nequip-pack's records.

    Raises:
        DamagedError: if only some of them are there.
    """
    if metadata.nequip_pack is None:
        return False
    found = archive.members.keys()
    written = _written(metadata.nequip_pack)
    lost = written - found
    if CONFIG in found and lost in (frozenset(), written):
        return bool(lost)
    names = ", ".join(sorted({*lost, CONFIG} - found))
    raise DamagedError(f"the package has lost {names}", where=archive.path, remedy=AGAIN)


def _written(ours: Mapping[str, Any]) -> frozenset[str]:
    """The records that nequip-pack put into a package: all, or what it adds to one that nequip built."""
    return _RECORDS if str(ours.get("writer")).startswith("nequip-pack") else _UPDATED
