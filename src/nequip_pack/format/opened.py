"""A package as every command opens it: its content decides what it is, and is compared with its checksums."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nequip_pack.errors import UsageError
from nequip_pack.format.archive import open_archive
from nequip_pack.format.consistency import check_container, read_consistent
from nequip_pack.format.manifest import check_content
from nequip_pack.format.sealed import Seal
from nequip_pack.writing.draft import SUFFIX

if TYPE_CHECKING:
    from nequip_pack.format.archive import Archive
    from nequip_pack.format.metadata import Metadata


def opened_archive(package: Path | str, *, seal: bool = False) -> Archive:
    """The archive of a package whose content and name are those of one.

    Args:
        package: its path.
        seal: open its file once for all that is read of it.

    Raises:
        UsageError: for a package under a name that nequip's tools would refuse.
        NequipPackError: as :func:`nequip_pack.format.open_archive`.
    """
    archive = open_archive(package, Seal if seal else None)
    check_content(archive)
    check_container(archive)
    if not archive.path.name.endswith(SUFFIX):
        remedy = f"rename it to {archive.path.stem}{SUFFIX}"
        what = f"this is a package, but its name does not end in {SUFFIX}"
        raise UsageError(what, where=package, remedy=remedy)
    return archive


def opened_package(package: Path | str, *, seal: bool = False) -> tuple[Archive, Metadata, list[str]]:
    """The same with its metadata, compared with the rest of the package, and what is odd in it."""
    archive = opened_archive(package, seal=seal)
    return archive, *read_consistent(archive)
