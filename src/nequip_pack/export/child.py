"""The fresh process that opens a new package."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from nequip_pack.fresh import answer, tensors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from nequip_pack.life.values import Seen
    from nequip_pack.load import LoadedPackage

    Steps = Callable[[Path, LoadedPackage, Mapping[str, Any]], Iterator[tuple[str, Seen]]]


def examine(request: Mapping[str, Any], more: Steps | None = None) -> bytes:
    """The outputs of the eager models, the digests of the weights of every mode, and what came of their life.

    Args:
        request: of :func:`nequip_pack.export.proof.prove`.
        more: further steps of the life.
    """
    import torch

    from nequip_pack.life.compiled import compiled
    from nequip_pack.life.seen import steps
    from nequip_pack.load import ModelFromPackage, load_package
    from nequip_pack.load.outputs import outputs, state_digests

    torch.set_num_threads(request["threads"])
    package = Path(request["package"])
    loaded = load_package(package)
    states = {"eager": state_digests(loaded.models)}
    for mode in loaded.metadata.available_models:
        if mode not in states:
            states[mode] = state_digests(ModelFromPackage(package, mode))
    first = outputs(loaded.models, loaded.example_data).tensors
    life = [*steps(package, loaded, first), *(more(package, loaded, first) if more else ())]
    if request["compiled"]:
        life += compiled(package, loaded)
    return tensors({"outputs": first, "states": states, "steps": {name: asdict(seen) for name, seen in life}})


def main() -> NoReturn:
    """Answer the one request of this process."""
    sys.exit(answer(examine))
