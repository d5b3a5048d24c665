"""The fresh process that opens a new package."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from nequip_pack.fresh import answer, tensors

if TYPE_CHECKING:
    from collections.abc import Mapping


def examine(request: Mapping[str, Any]) -> bytes:
    """The outputs of the eager models, and the digest of the weights of every mode."""
    import torch

    from nequip_pack.load import ModelFromPackage, load_package
    from nequip_pack.load.outputs import outputs, state_digest

    torch.set_num_threads(request["threads"])
    package = Path(request["package"])
    loaded = load_package(package)
    states = {"eager": state_digest(loaded.models)}
    for mode in loaded.metadata.available_models:
        if mode not in states:
            states[mode] = state_digest(ModelFromPackage(package, mode))
    found = outputs(loaded.models, loaded.example_data)
    return tensors({"outputs": found.tensors, "states": states})


def main() -> NoReturn:
    """Answer the one request of this process."""
    sys.exit(answer(examine))
