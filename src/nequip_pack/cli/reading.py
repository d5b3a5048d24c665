"""How every command opens a package."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nequip_pack.cli.say import warn

if TYPE_CHECKING:
    from nequip_pack.format import Archive, Metadata


def opened_archive(package: str, *, seal: bool = False) -> Archive:
    """The archive of a package; raises as :func:`nequip_pack.format.opened.opened_archive`."""
    from nequip_pack.format.opened import opened_archive

    return opened_archive(package, seal=seal)


def opened_package(package: str, *, seal: bool = False) -> tuple[Archive, Metadata]:
    """The same with its metadata; oddities are printed as warnings."""
    from nequip_pack.format.opened import opened_package

    archive, metadata, oddities = opened_package(package, seal=seal)
    for text in oddities:
        warn(f"{package}: {text}")
    return archive, metadata
