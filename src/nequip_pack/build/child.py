"""The fresh process that opens a new package where none of the packaged code can be imported.

Run as ``python -m nequip_pack.build.child REQUEST``, where REQUEST is a JSON file. The answer goes into files
beside it, because packaged code may print.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

RESULT = "result.pt"
FAILURE = "failure.txt"


class Blocker:
    """A finder that lets none of some top-level packages be imported."""

    def __init__(self, packages: Sequence[str]) -> None:
        self._packages = frozenset(packages)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Refuse blocked names, know nothing of others."""
        if name.partition(".")[0] in self._packages:
            raise ModuleNotFoundError(
                f"{name} must come from the package, not from this environment", name=name
            )
        return None


def main(request_path: str) -> int:
    """Answer one request; returns the exit status."""
    request = json.loads(Path(request_path).read_text(encoding="utf-8"))
    folder = Path(request_path).parent
    sys.meta_path.insert(0, Blocker(request["blocked"]))
    try:
        answer = _examine(Path(request["package"]), request["threads"])
    except Exception as error:
        (folder / FAILURE).write_text(f"{type(error).__name__}: {error}", encoding="utf-8")
        raise
    import torch

    torch.save(answer, folder / RESULT)
    return 0


def _examine(package: Path, threads: int) -> dict[str, Any]:
    import torch

    from nequip_pack.load import ModelFromPackage, load_package
    from nequip_pack.load.outputs import outputs, state_digest

    torch.set_num_threads(threads)
    loaded = load_package(package)
    states = {"eager": state_digest(loaded.models)}
    for mode in loaded.metadata.available_models:
        if mode not in states:
            states[mode] = state_digest(ModelFromPackage(package, mode))
    return {"outputs": outputs(loaded.models, loaded.example_data), "states": states}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
