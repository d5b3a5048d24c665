"""The model on a GPU, in a fresh process, beside the references that were made on the CPU."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nequip_pack.errors import NequipPackError
from nequip_pack.format import open_archive, read_metadata
from nequip_pack.life.values import FAILED, ON_GPU, PASSED, Step
from nequip_pack.verify.run import verify

if TYPE_CHECKING:
    from pathlib import Path


def on_gpu(package: Path, device: str = "cuda") -> Step:
    """Load a package, run its models on a GPU, and compare, within what another device changes.

    Args:
        package: the file.
        device: the GPU.
    """
    archive = open_archive(package)
    try:
        verdict = verify(archive, read_metadata(archive), physics=False, device=device)
    except NequipPackError as error:
        return Step(ON_GPU, FAILED, f"{error.what} ({error.why})")
    different = {row.name: row.detail for row in verdict.rows if row.name in verdict.failed}
    said = ", ".join(f"{name}: {detail}" for name, detail in different.items())
    return Step(ON_GPU, FAILED if different else PASSED, said)
