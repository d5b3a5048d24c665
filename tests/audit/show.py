"""Load packages for real, each in a fork: ``python show.py WHOLE PACKAGE…`` prints what each does, as JSON.

The harmless payloads of attacks make the file ``ran`` in the working directory.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

import nequip_pack
from nequip_pack.load.outputs import outputs


def numbers(package: str) -> list[Any]:
    """What the eager models compute for the example; the other models are loaded too."""
    loaded = nequip_pack.load_package(package)
    for mode in loaded.metadata.available_models[1:]:
        nequip_pack.load_package(package, mode)
    found = outputs(loaded.models, loaded.example_data).tensors
    names = [name for name in sorted(found) if name.endswith(("total_energy", "forces", "atomic_energy"))]
    return [found[name].tolist() for name in names]


def outcome(package: str, whole: list[Any]) -> str:
    """In a process of its own: whether a payload ran, or the model computes something else."""
    with tempfile.TemporaryDirectory() as name:
        child = os.fork()
        if child == 0:
            os.chdir(name)
            status = 3
            try:
                status = 0 if numbers(package) == whole else 2
            except BaseException as error:
                print(f"{package}: {type(error).__name__}: {str(error)[:300]}", file=sys.stderr)
            os._exit(status)
        _, status = os.waitpid(child, 0)
        if Path(name, "ran").exists():
            return "runs"
    return {0: "hidden", 2: "numbers"}.get(os.waitstatus_to_exitcode(status), "fails")


def main() -> None:
    """Print the outcomes by path."""
    import torch

    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    whole, *others = sys.argv[1:]
    with tempfile.NamedTemporaryFile("r") as kept:
        child = os.fork()
        if child == 0:
            Path(kept.name).write_text(json.dumps(numbers(whole)))
            os._exit(0)
        os.waitpid(child, 0)
        reference = json.load(kept)
    print(json.dumps({path: outcome(path, reference) for path in others}))


if __name__ == "__main__":
    main()
