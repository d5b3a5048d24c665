"""``nequip-pack migrate``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nequip_pack.cli.progress import show_stage
from nequip_pack.cli.reading import opened_package
from nequip_pack.cli.say import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nequip_pack.format import Metadata
    from nequip_pack.rewrite.migrate import Migrated


@click.command()
@click.argument("package", metavar="IN")
@click.argument("output", metavar="OUT")
def migrate(package: str, output: str) -> Path:
    """Write the package IN in the current format as OUT, with its own code and the same predictions.

    This runs the code in the package.
    """
    from nequip_pack.rewrite.migrate import copy, is_current
    from nequip_pack.rewrite.migrate import migrate as migrated

    archive, metadata = opened_package(package)
    if is_current(archive, metadata):
        copy(archive, Path(output))
        say(f"{package}: this is the current format already; {output} is a copy of it")
        return Path(output)
    size = archive.path.stat().st_size
    done = migrated(archive, metadata, Path(output), show_stage)
    say("\n".join(_lines(metadata, done)))
    new = Path(output).stat().st_size
    same = "the predictions for the example data are the same, bit for bit"
    say(f"{output}: {new} bytes (before: {size}); {same}")
    return Path(output)


def _lines(metadata: Metadata, done: Migrated) -> Iterator[str]:
    from nequip_pack.format.version import CURRENT, PACK_FORMAT

    yield f"format {metadata.package_version_id} -> {CURRENT} with nequip_pack format {PACK_FORMAT}"
    yield f"models: {', '.join(done.models)}"
    for mode in done.left_out:
        yield f"left out: the {mode} model; releases that read format {CURRENT} use the eager one for that"
