"""How every command opens a package: the content decides what it is, and is compared with its checksums."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nequip_pack.cli.say import warn

if TYPE_CHECKING:
    from nequip_pack.format import Archive, Metadata

SUFFIX = ".nequip.zip"


def opened_archive(package: str) -> Archive:
    """The archive of a package whose content and name are those of one.

    Raises:
        UsageError: for a package under a name that nequip's tools would refuse.
        NequipPackError: as :func:`nequip_pack.format.open_archive`.
    """
    from nequip_pack.errors import UsageError
    from nequip_pack.format.archive import open_archive
    from nequip_pack.format.consistency import check_container
    from nequip_pack.format.manifest import check_content

    archive = open_archive(package)
    check_content(archive)
    check_container(archive)
    if not Path(package).name.endswith(SUFFIX):
        remedy = f"rename it to {Path(package).stem}{SUFFIX}"
        what = f"this is a package, but its name does not end in {SUFFIX}"
        raise UsageError(what, where=package, remedy=remedy)
    return archive


def opened_package(package: str) -> tuple[Archive, Metadata]:
    """The same with its metadata, compared with the rest of the package; oddities are printed as warnings."""
    from nequip_pack.format.consistency import read_consistent

    archive = opened_archive(package)
    metadata, oddities = read_consistent(archive)
    for text in oddities:
        warn(f"{package}: {text}")
    return archive, metadata
