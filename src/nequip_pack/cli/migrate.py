"""``nequip-pack migrate``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nequip_pack.cli.reading import opened_package
from nequip_pack.cli.say import say, say_of, show_stage
from nequip_pack.cli.target import source_and_target, target
from nequip_pack.units import in_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nequip_pack.format import Metadata
    from nequip_pack.rewrite.migrate import Migrated


@click.command()
@source_and_target
def migrate(package: str, output: str | None, in_place: bool) -> Path:
    """Write the package IN in the current format as OUT.

    OUT keeps the code of IN and gives the same predictions. This runs the code in the package.
    """
    from nequip_pack.rewrite.migrate import copy, is_current
    from nequip_pack.rewrite.migrate import migrate as migrated

    place = target(output, in_place)
    archive, metadata = opened_package(package)
    if is_current(archive, metadata):
        if place is not None:
            copy(archive, place)
        outcome = "nothing to do" if place is None else f"{output} is a copy of it"
        say_of(package, f"this is the current format already; {outcome}")
        return Path(output or package)
    size = archive.path.stat().st_size
    done = migrated(archive, metadata, place, show_stage)
    say("\n".join(_lines(metadata, done)))
    result = Path(output or package)
    same = "the predictions for the example data are the same, bit for bit"
    say_of(result, f"{in_bytes(result.stat().st_size)} (before: {in_bytes(size)}); {same}")
    return result


def _lines(metadata: Metadata, done: Migrated) -> Iterator[str]:
    from nequip_pack.format.version import CURRENT, PACK_FORMAT

    yield f"format {metadata.package_version_id} -> {CURRENT} with nequip_pack format {PACK_FORMAT}"
    yield f"models: {', '.join(done.models)}"
    for mode in done.left_out:
        yield f"left out: the {mode} model; releases that read format {CURRENT} use the eager one for that"
