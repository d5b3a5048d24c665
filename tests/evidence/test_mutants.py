"""Predictions for mutants of real source against real builds and loads of them."""

from __future__ import annotations

import importlib.util
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

pytest.importorskip("nequip")
from agreement import ROOT, Subject, baseline, candidates, judge, table
from mutations import KINDS, Kind

SEED = 20261125
PER_KIND = 4
"""Mutants of each kind and subject in the whole matrix."""
SAMPLED = 8
"""Kinds in the suite."""
KNOWN = {
    "own-module-by-name in nequip/utils/dtype.py": "only a function imports it: a load runs nothing of it",
}
"""Kinds and files on which prediction and reality differ, with the reason."""
MODEL = {
    "seed": 1,
    "model_dtype": "float32",
    "type_names": ["Cu"],
    "r_max": 4.0,
    "num_layers": 1,
    "l_max": 1,
    "num_features": 4,
    "radial_mlp_depth": 1,
    "radial_mlp_width": 8,
    "avg_num_neighbors": 3.0,
}


def site() -> Path:
    spec = importlib.util.find_spec("nequip")
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parents[1]


def subjects() -> dict[str, Subject]:
    example = ROOT / "docs" / "example" / "nequip_softcore"
    return {
        "softcore": Subject("nequip_softcore", example, "nequip_softcore.model:SoftCoreNequIPModel", MODEL),
        "nequip": Subject("nequip", site() / "nequip", "nequip.model:NequIPGNNModel", MODEL),
    }


@pytest.mark.real
@pytest.mark.parametrize("name", ["softcore"])
def test_sample_agrees(name: str, tmp_path: Path) -> None:
    """One mutant of some kinds, chosen by the seed."""
    _agree(name, 1, tmp_path, random.Random(SEED).sample(KINDS, SAMPLED))


@pytest.mark.matrix
@pytest.mark.parametrize("name", ["softcore", "nequip"])
def test_matrix_agrees(name: str, tmp_path: Path) -> None:
    _agree(name, PER_KIND, tmp_path, KINDS)


def _agree(name: str, per_kind: int, folder: Path, kinds: Sequence[Kind]) -> None:
    base = baseline(subjects()[name], site(), folder / "baseline")
    choose = random.Random(SEED)
    found = candidates(base)
    groups = {kind: [item for item in found if item.kind == kind] for kind in kinds}
    chosen = [item for group in groups.values() for item in choose.sample(group, min(per_kind, len(group)))]
    print(f"seed {SEED}: {len(chosen)} of {len(found)} mutants of {name}")
    results = [judge(item, base, folder / str(number)) for number, item in enumerate(chosen)]
    print(table(results))
    assert {item.mutant.kind for item in results} == set(kinds)
    hazards = [item for item in results if item.mutant.kind.family]
    assert sum(item.fails for item in hazards) > len(hazards) / 2, "these hazards are none"
    unequal = [item for item in results if item.verdict != "agree"]
    assert [item.mutant.name for item in unequal if item.mutant.name.rpartition(":")[0] not in KNOWN] == []
