"""Export what an origin had, whether torch.package's walk from the new pickles reaches it or not.

A modifier that takes a module out takes away the path to whatever that module imports. The code that stays
behind, other modifiers among it, still runs, and imports the same modules as before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nequip_pack.export.collected import collected

if TYPE_CHECKING:
    from torch.package import PackageExporter

    from nequip_pack.checkpoint import Kept


def keep_actions(exporter: PackageExporter, kept: Kept) -> None:
    """Give each module of the origin its old action; call it first, because the first pattern decides."""
    exporter.mock(kept.named("mock"))
    exporter.extern(kept.named("extern"))
    exporter.intern(kept.named("intern"))


def keep_modules(exporter: PackageExporter, kept: Kept) -> None:
    """Add each module of the origin that the walk has not found.

    Source is not walked: whatever it imports was in the origin too, and is added by name.
    """
    found = collected(exporter)
    for name in sorted(kept.actions.keys() - found.keys()):
        if name in kept.sources:
            text, is_package = kept.sources[name], name in kept.packages
            exporter.save_source_string(name, text, is_package=is_package, dependencies=False)
        else:
            exporter.add_dependency(name)


def keep_files(exporter: PackageExporter, kept: Kept) -> None:
    """Add the members that are neither modules nor made by an export."""
    for member, content in sorted(kept.files.items()):
        exporter._write(member, content)
