"""Loads altered packages, one after another in one process: ``python flip_worker.py REQUEST``.

A package that is taken is loaded by everything that loads, and compared with the whole one bit by bit.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from typing import Any


def state(package: Path) -> dict[str, Any]:
    """All that a package gives: outputs of every model, weights, example data, atom types, references."""
    import nequip_pack
    from nequip_pack.format import open_archive, read_metadata
    from nequip_pack.format.references import read_references
    from nequip_pack.load.outputs import outputs, state_digests

    archive = open_archive(package)
    found: dict[str, Any] = {"types": nequip_pack.type_names(package), "references": read_references(archive)}
    metadata = read_metadata(archive)
    found["metadata"] = metadata.raw
    for mode in metadata.available_models:
        loaded = nequip_pack.load_package(package, mode)
        found[f"{mode} weights"] = state_digests(loaded.models)
        tensors = {
            **loaded.example_data,
            **(outputs(loaded.models, loaded.example_data).tensors if mode == "eager" else {}),
        }
        found |= {f"{mode} {name}": bytes(value.numpy()) for name, value in tensors.items()}
    return found


def outcome(package: Path, whole: dict[str, Any]) -> str:
    """``refused N`` with the exit code, ``same``, or what is worse."""
    from nequip_pack.errors import NequipPackError

    try:
        return "same" if state(package) == whole else "SILENTLY WRONG"
    except NequipPackError as error:
        return f"refused {error.exit_code}"
    except Exception as error:
        return f"NO CLEAN ERROR {type(error).__name__}: {error}"


def main(request: dict[str, Any]) -> None:
    """Flip one bit at a time."""
    import torch

    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    content = Path(request["package"]).read_bytes()
    whole = state(Path(request["package"]))
    altered = Path(request["folder"]) / "altered.nequip.zip"
    outcomes = []
    for position, bit in request["flips"]:
        changed = bytearray(content)
        changed[position] ^= 1 << bit
        altered.write_bytes(changed)
        outcomes.append(outcome(altered, whole))
    Path(request["answers"]).write_text(json.dumps(outcomes))


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text()))
