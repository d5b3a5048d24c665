"""Makes structures for models that are nothing but what they tell.

Run as ``python structure_worker.py CASES``. The cases are JSON: name to a list of models, each with
``types``, ``cutoff``, ``pairs`` and ``fields``. What is printed is JSON: name to what the structure holds.
"""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace
from typing import Any

import torch
from e3nn.o3 import Irreps
from nequip.utils.global_state import set_global_state

from nequip_pack.errors import NequipPackError
from nequip_pack.rehearsal.structure import made_structure


def model(case: dict[str, Any]) -> Any:
    """What a graph model tells of itself."""
    metadata = {"r_max": str(case["cutoff"])}
    if case.get("pairs"):
        metadata["per_edge_type_cutoff"] = " ".join(map(str, case["pairs"]))
    fields = {name: irreps and Irreps(irreps) for name, irreps in case.get("fields", {}).items()}
    inner = SimpleNamespace(irreps_in={"pos": Irreps("1o"), "edge_index": None, "atom_types": None, **fields})
    return SimpleNamespace(type_names=case["types"], metadata=metadata, model=inner)


def found(models: dict[str, Any]) -> dict[str, Any]:
    """What matters of a structure."""
    data = made_structure(models)
    assert all(torch.equal(value, data[name]) for name, value in made_structure(models).items())
    vectors = data["pos"][data["edge_index"][1]] - data["pos"][data["edge_index"][0]]
    vectors = vectors + data["edge_cell_shift"] @ data["cell"].reshape(3, 3)
    pairs = data["atom_types"].reshape(-1)[data["edge_index"]]
    return {
        "pairs": sorted({tuple(pair) for pair in pairs.T.tolist()}),
        "atoms": len(data["pos"]),
        "edges": len(vectors),
        "shortest": float(vectors.norm(dim=1).min()),
        "longest": float(vectors.norm(dim=1).max()),
        "lengths": len({round(float(length), 6) for length in vectors.norm(dim=1)}),
        "kinds": {name: [str(value.dtype), list(value.shape)] for name, value in data.items()},
    }


def outcome(case: list[dict[str, Any]]) -> Any:
    """The same, or why there is none."""
    try:
        return found({str(number): model(item) for number, item in enumerate(case)})
    except NequipPackError as error:
        return [error.exit_code, str(error)]


if __name__ == "__main__":
    set_global_state()
    print(json.dumps({name: outcome(case) for name, case in json.loads(sys.argv[1]).items()}))
