"""The fresh process of a rehearsal's proof: it also packages what it has loaded once more.

So do `modify`, and whoever fine-tunes from a package: the code comes from the package's importer.
"""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from nequip_pack.export.child import examine
from nequip_pack.fresh import answer
from nequip_pack.life.values import REPACKAGED, Extent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from nequip_pack.life.values import Seen
    from nequip_pack.load import LoadedPackage


def whole_life(*, compiled: bool = False, gpu: bool = False) -> Extent:
    """The extent of a rehearsal's proof: every step there is.

    Args:
        compiled: whether models of other compile modes than eager are run.
        gpu: whether there is a GPU to run the models on.
    """
    return Extent(__name__, whole=True, compiled=compiled, gpu=gpu)


def repackaged(package: Path, loaded: LoadedPackage, first: Mapping[str, Any]) -> Iterator[tuple[str, Seen]]:
    """What a package of the package does; it is thrown away."""
    from nequip_pack.life.seen import step

    yield step(REPACKAGED, lambda: _outputs_again(package), first, again=True)


def _outputs_again(package: Path) -> Mapping[str, Any]:
    from nequip_pack.life.seen import run
    from nequip_pack.load import load_package
    from nequip_pack.scratch import Scratch

    with Scratch() as folder:
        target = folder / package.name
        _export(package, target)
        made = load_package(target)
        return run(made.models, made.example_data)


def _export(package: Path, target: Path) -> None:
    from nequip_pack.export.exported import export
    from nequip_pack.format import open_archive
    from nequip_pack.format.consistency import read_consistent
    from nequip_pack.format.manifest import add_manifest
    from nequip_pack.rewrite.reload import patterns_of, reload, verdict_of
    from nequip_pack.writing.sink import Sink

    archive = open_archive(package)
    metadata, _ = read_consistent(archive)
    loaded = reload(archive, metadata)
    patterns = patterns_of(archive, metadata, loaded.kept)
    verdict = verdict_of(archive, metadata, loaded.kept)
    with target.open("w+b") as stream:
        export(loaded, patterns, verdict, frozenset(), Sink(stream), target)
        add_manifest(stream)


def main() -> NoReturn:
    """Answer the one request of this process."""
    sys.exit(answer(partial(examine, more=repackaged)))
