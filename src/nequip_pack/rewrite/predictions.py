"""What a package predicts for its example data, asked of a fresh process without the environment's copies."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from nequip_pack.errors import ModelError
from nequip_pack.fresh import answer, as_tensors, ask, tensors
from nequip_pack.load.outputs import Outputs, outputs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nequip_pack.format import Archive


def predicted(origin: Archive, package: Path) -> Outputs:
    """Every output of the eager models; all other models are loaded as well.

    Args:
        origin: the package whose internal packages must not come from the environment.
        package: the file to load: that package, or one made from it.

    Raises:
        ModelError: if it does not load or run.
    """
    from nequip_pack.verify.run import internal_packages

    blocked = frozenset(internal_packages(origin))
    said = ask("nequip_pack.rewrite.predictions", blocked, {"package": str(package.resolve())})
    if said.failure:
        same = package == origin.path
        what = "the package does not load" if same else "with the new files it does not load"
        details = "\n".join(said.lacked)
        raise ModelError(
            what, where=origin.path, why=said.failure, remedy="nothing was written", details=details
        )
    found = as_tensors(said.content)
    return Outputs(found["tensors"], found["left_out"], set(found["intermediates"]))


def _outputs(request: Mapping[str, Any]) -> bytes:
    import torch

    from nequip_pack.format.references import THREADS
    from nequip_pack.load import ModelFromPackage, load_package

    torch.set_num_threads(THREADS)
    package = Path(request["package"])
    loaded = load_package(package)
    for mode in loaded.metadata.available_models:
        if mode != "eager":
            ModelFromPackage(package, mode)
    found = outputs(loaded.models, loaded.example_data)
    content = {"tensors": found.tensors, "left_out": found.left_out}
    return tensors({**content, "intermediates": sorted(found.intermediates)})


def main() -> NoReturn:
    """Answer the one request of this process."""
    sys.exit(answer(_outputs))
