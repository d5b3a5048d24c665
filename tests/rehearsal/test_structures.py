"""The structure that is made for a model: every type, an edge for every pair, and whatever it asks for."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from rehearsal_support import checked
from warm import warm_python

pytestmark = pytest.mark.real
WORKER = Path(__file__).with_name("structure_worker.py")
ELEMENTS = ["H", "He", "Li", "Be", "B", "C", "N", "O", "F", "Ne", "Na", "Mg", "Al", "Si", "P", "S", "Cl"]
CASES: dict[str, list[dict[str, Any]]] = {
    "one type": [{"types": ["Cu"], "cutoff": 3.6}],
    "two types": [{"types": ["Cu", "O"], "cutoff": 5.0}],
    "names that are no elements": [{"types": ["big", "small", "other"], "cutoff": 4.0}],
    "a cutoff for each pair": [{"types": ["Cu", "O"], "cutoff": 6.0, "pairs": [6.0, 3.0, 2.0, 4.0]}],
    "many types": [{"types": [*ELEMENTS, *(f"{name}x" for name in ELEMENTS)], "cutoff": 6.0}],
    "two models": [{"types": ["C", "H"], "cutoff": 2.0}, {"types": ["C", "H"], "cutoff": 5.0}],
    "fields": [
        {"types": ["C"], "cutoff": 4.0, "fields": {"charge": None, "dipole": "1o", "node_attrs": "4x0e"}}
    ],
    "a tensor": [{"types": ["C"], "cutoff": 4.0, "fields": {"stress": "0e+2e"}}],
    "an unknown field": [{"types": ["C"], "cutoff": 4.0, "fields": {"colour": "0e"}}],
}


@pytest.fixture(scope="module")
def structures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What each structure holds; all made in one process."""
    done = checked(warm_python(str(WORKER), json.dumps(CASES), cwd=tmp_path_factory.mktemp("structures")))
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", [name for name in CASES if name != "an unknown field"])
def test_every_pair_of_types_has_an_edge(structures: dict[str, Any], name: str) -> None:
    found, models = structures[name], CASES[name]
    types = range(len(models[0]["types"]))
    assert found["pairs"] == [list(pair) for pair in itertools.product(types, types)]
    assert found["longest"] <= max(model["cutoff"] for model in models)
    assert found["shortest"] > 0.05 * min(model["cutoff"] for model in models)
    assert found["atoms"] >= 6
    assert found["edges"] <= 400 * found["atoms"]
    assert found["kinds"]["pos"][0] == found["kinds"]["cell"][0] == "torch.float64"


def test_its_cell_has_the_shape_of_a_batch(structures: dict[str, Any]) -> None:
    """As data of a training: what compiles a model joins structures along that axis."""
    kinds = structures["two types"]["kinds"]
    assert (kinds["cell"][1], kinds["pbc"][1]) == ([1, 3, 3], [1, 3])


def test_no_symmetry(structures: dict[str, Any]) -> None:
    """All edges differ in length but for their reverses and an atom's edges to its own images."""
    found = structures["one type"]
    own = found["atoms"] * 4
    assert found["lengths"] > (found["edges"] - own) // 2 - own


def test_elements_have_atomic_numbers(structures: dict[str, Any]) -> None:
    assert "atomic_numbers" in structures["two types"]["kinds"]
    assert "atomic_numbers" not in structures["names that are no elements"]["kinds"]


def test_what_a_model_wants_beside_is_made_up(structures: dict[str, Any]) -> None:
    kinds, atoms = structures["fields"]["kinds"], structures["fields"]["atoms"]
    assert kinds["charge"] == ["torch.int64", [1, 1]]
    assert kinds["dipole"] == ["torch.float64", [atoms, 3]]
    assert kinds["node_attrs"] == ["torch.float64", [atoms, 4]]
    assert structures["a tensor"]["kinds"]["stress"] == ["torch.float64", [1, 3, 3]]


def test_what_nobody_can_make_up_is_asked_for(structures: dict[str, Any]) -> None:
    code, message = structures["an unknown field"]
    assert code == 6
    assert "the model wants the input colour, which cannot be made up" in message
    assert "--example-data FILE" in message
