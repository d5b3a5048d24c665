"""How many datasets a configuration names: as many as nequip's own data modules find."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from rehearsal_support import checked
from warm import warm_python

from nequip_pack.rehearsal.datasets import numbers_of_datasets

if TYPE_CHECKING:
    from pathlib import Path

OWN = "nequip.data.datamodule"
CONFIGS: dict[str, dict[str, Any]] = {
    "one each": {"_target_": f"{OWN}.NequIPDataModule", "train_dataset": {}, "val_dataset": {}},
    "lists": {
        "_target_": f"{OWN}.NequIPDataModule",
        "train_dataset": {},
        "val_dataset": [{}, {}],
        "test_dataset": [{}, {}, {}],
    },
    "splits": {
        "_target_": f"{OWN}.NequIPDataModule",
        "split_dataset": [{"dataset": {}, "train": 4, "val": 2}, {"dataset": {}, "val": 1, "test": 1}],
        "test_dataset": {},
    },
    "files": {
        "_target_": f"{OWN}.ASEDataModule",
        "train_file_path": "a.xyz",
        "val_file_path": ["b.xyz", "c.xyz"],
        "split_dataset": {"file_path": "d.xyz", "val": 0.5, "test": 0.5},
    },
}
IN_CHILD = """
import json, sys
from hydra.utils import instantiate
configs = json.loads(sys.argv[1])
made = {name: instantiate({"seed": 1, **config}, _recursive_=False) for name, config in configs.items()}
print(json.dumps({name: module.num_datasets for name, module in made.items()}))
"""


@pytest.mark.real
def test_as_many_as_nequip_finds(tmp_path: Path) -> None:
    done = checked(warm_python("-c", IN_CHILD, json.dumps(CONFIGS), cwd=tmp_path))
    assert {name: numbers_of_datasets(config, {}) for name, config in CONFIGS.items()} == json.loads(
        done.stdout
    )


def test_of_a_data_module_of_its_own_there_is_one_for_each_metric() -> None:
    config = {"_target_": "mylab.Data", "folder": "x"}
    found = numbers_of_datasets(config, {"val_metrics": {}, "test_metrics": None})
    assert found == {"train": 1, "val": 1, "test": 0, "predict": 0}
