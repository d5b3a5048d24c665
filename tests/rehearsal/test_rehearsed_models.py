"""Models of every kind, rehearsed for real: their closures are those of builds after real trainings."""

from __future__ import annotations

import importlib.util
import shutil
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from closures import written
from rehearsal_support import changed, checked, configure, inside, rehearse
from trainings import ALLEGRO, NEQUIP, config
from warm import warm_python

from nequip_pack.format import open_archive
from nequip_pack.format.records import CONFIG

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.real
KEPT = "model.rehearsed.nequip.zip"
NET = "nequip.net:group/model:1"
TYPES = ["Cu", "O"]
ELSEWHERE = {
    "_target_": "nequip.data.datamodule.ASEDataModule",
    "seed": 1,
    "train_file_path": "/scratch/of/a/cluster/train.xyz",
    "val_file_path": ["/scratch/of/a/cluster/one.xyz", "/scratch/of/a/cluster/two.xyz"],
    "transforms": [{"_target_": "mylab.transforms.Nothing"}],
    "stats_manager": {"_target_": "nequip.data.CommonDataStatisticsManager", "type_names": TYPES},
}
"""A data module whose files and transforms are not on this machine."""
BY_TYPE = {
    "data": ELSEWHERE,
    "trainer.logger": {"_target_": "wandb_of_a_cluster.Logger"},
    "training_module.model.type_names": TYPES,
    "training_module.model.l_max": 2,
    "training_module.model.num_layers": 3,
    "training_module.model.num_features": 8,
    "training_module.model.avg_num_neighbors": "${training_data_stats:num_neighbors_mean}",
    "training_module.model.per_type_energy_scales": "${training_data_stats:per_type_forces_rms}",
    "training_module.model.per_type_energy_shifts": "${training_data_stats:per_atom_energy_mean}",
}
OF_TORCH = "torchinductor_"
"""A cache that torch makes when nequip sets its global state (2.13, ``torch/_inductor/codecache.py``)."""
LOAD = """
import sys, warnings
import nequip_pack
for load in (nequip_pack.load_package, nequip_pack.ModelFromPackage):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        load(sys.argv[1])
    (warning,) = [item for item in caught if "rehearsal" in str(item.message)]
    assert warning.filename == "<string>", warning.filename
"""
SAME_WEIGHTS = """
import sys, warnings
import nequip_pack, torch
warnings.simplefilter("ignore")
states = [nequip_pack.ModelFromPackage(name).state_dict() for name in sys.argv[1:]]
assert states[0].keys() == states[1].keys()
print(all(torch.equal(value, states[1][name]) for name, value in states[0].items()))
"""
SEVERAL = """
import torch
from nequip.model import NequIPGNNModel
from nequip.train import ScheduleFreeLightningModule


class Careful(ScheduleFreeLightningModule):
    def on_load_checkpoint(self, checkpoint):
        assert checkpoint["schedulefree_optimizer_state_dict"]["param_groups"]


def two_models(**options):
    return torch.nn.ModuleDict(
        {"near": NequIPGNNModel(r_max=2.5, **options), "far": NequIPGNNModel(r_max=5.0, **options)}
    )
"""
SCHEDULE_FREE = """
import torch


class AdamWScheduleFree(torch.optim.AdamW):
    def train(self): ...

    def eval(self): ...
"""


def test_statistics_by_type_and_data_on_another_machine(package: Path, tmp_path: Path) -> None:
    """Nothing but the kept package is written, which tells what it is wherever it is looked at."""
    file = configure(tmp_path / "confs", changed(config(NEQUIP), BY_TYPE))
    for name in ("cwd", "temporary"):
        (tmp_path / name).mkdir()
    cwd = tmp_path / "cwd"
    done = checked(rehearse(file, "--keep", KEPT, cwd=cwd, temporary=tmp_path / "temporary"))
    names = "num_neighbors_mean, per_atom_energy_mean, per_type_forces_rms"
    assert f"statistics made up, without the data: {names}\n" in done.stdout
    assert inside(cwd) == [KEPT]
    assert [name for name in inside(tmp_path / "temporary") if not name.startswith(OF_TORCH)] == []
    assert inside(tmp_path / "confs") == ["config.yaml"]
    assert written(cwd / KEPT) == written(package)
    model = yaml.safe_load(open_archive(cwd / KEPT).read(CONFIG))["training_module"]["model"]
    assert model["avg_num_neighbors"] > 0
    scales = model["per_type_energy_scales"]
    assert list(scales) == TYPES
    assert all(scale > 0 for scale in scales.values())

    told = {words[0]: checked(pack(*words, cwd=cwd)).stdout for words in (("info", KEPT), ("check", KEPT))}
    assert f"rehearsed:   before the training, weights untrained; statistics made up: {names}" in told["info"]
    assert f"{KEPT}: the package of a rehearsal, whose weights are not trained" in told["check"]
    checked(warm_python("-c", LOAD, KEPT, cwd=cwd))


def pack(*words: str, cwd: Path) -> Any:
    """Run another command of nequip-pack."""
    return warm_python("-m", "nequip_pack", *words, cwd=cwd)


def test_allegro(allegro_package: Path, tmp_path: Path) -> None:
    """Refused, as its build is, and with the same loss allowed the same modules are packaged."""
    file = configure(tmp_path / "confs", config(ALLEGRO))
    loss = ("--allow", "NQ101:allegro.nn._strided._flashallegro")
    checked(rehearse(file, *loss, "--keep", KEPT, cwd=tmp_path))
    assert written(tmp_path / KEPT) == written(allegro_package)


def test_a_fine_tuning_of_a_package(package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The code is that of the package, and so are the weights before the first step.

    What the configuration asks of nequip.net is answered from nequip's cache.
    """
    shutil.copy(package, tmp_path / "0.nequip.zip")
    (tmp_path / "0.metadata.json").write_text('{"model_id": "group/model:1"}')
    monkeypatch.setenv("NEQUIP_CACHE_DIR", str(tmp_path))
    model = {"_target_": "nequip.model.ModelFromPackage", "package_path": NET}
    cutoff = {"global_options": {"cutoff": f"${{cutoff_radius_from_package:'{NET}'}}"}}
    settings = changed(config(NEQUIP), {"training_module.model": model, **cutoff})
    settings["data"]["split_dataset"]["dataset"]["transforms"][1]["r_max"] = "${global_options.cutoff}"
    file = configure(tmp_path / "confs", settings)
    refused = rehearse(file, cwd=tmp_path)
    assert refused.returncode == 6
    assert f"nequip's cache has it: give {tmp_path / '0.nequip.zip'}" in refused.stderr
    checked(rehearse(file, f"training_module.model.package_path={package}", "--keep", KEPT, cwd=tmp_path))
    assert "r_max: 4.0" in open_archive(tmp_path / KEPT).read(CONFIG).decode()
    assert written(tmp_path / KEPT) == written(package)
    assert checked(warm_python("-c", SAME_WEIGHTS, KEPT, str(package), cwd=tmp_path)).stdout == "True\n"


@pytest.mark.parametrize("how", ["ckpt_path", "ModelFromCheckpoint"])
def test_the_model_of_a_checkpoint(package: Path, nequip_checkpoint: Path, how: str, tmp_path: Path) -> None:
    settings = config(NEQUIP)
    if how == "ModelFromCheckpoint":
        model = {"_target_": "nequip.model.ModelFromCheckpoint", "checkpoint_path": str(nequip_checkpoint)}
        settings = changed(settings, {"training_module.model": model})
    file = configure(tmp_path / "confs", settings)
    words = [f"++ckpt_path={nequip_checkpoint}", "~trainer.logger"] if how == "ckpt_path" else []
    done = checked(rehearse(file, *words, "--keep", KEPT, cwd=tmp_path))
    assert done.stdout.startswith(f"{nequip_checkpoint if words else file}: it packages")
    assert written(tmp_path / KEPT) == written(package)
    assert checked(warm_python("-c", SAME_WEIGHTS, KEPT, str(package), cwd=tmp_path)).stdout == "True\n"


def test_several_models_of_an_own_builder_and_a_hook_that_asks_for_optimizers(tmp_path: Path) -> None:
    """nequip's `ScheduleFreeLightningModule` does (0.19.1), and may not load without what it saved."""
    if importlib.util.find_spec("schedulefree") is not None:
        pytest.skip("schedulefree is installed in this environment")
    (tmp_path / "schedulefree.py").write_text(SCHEDULE_FREE)
    (tmp_path / "several.py").write_text(SEVERAL)
    model = config(NEQUIP)["training_module"]["model"]
    del model["r_max"]
    changes = {
        "training_module._target_": "several.Careful",
        "training_module.optimizer": {"_target_": "schedulefree.AdamWScheduleFree", "lr": 0.01},
        "training_module.model": {**model, "_target_": "several.two_models"},
    }
    file = configure(tmp_path / "confs", changed(config(NEQUIP), changes))
    done = checked(rehearse(file, "--keep", KEPT, cwd=tmp_path, code=tmp_path))
    assert "models: eager, compile\n" in done.stdout
    assert "GPU" not in done.stderr
    assert "several.Careful" in open_archive(tmp_path / KEPT).read(CONFIG).decode()
    for name in ("near", "far"):
        assert f"{name}.forces" in open_archive(tmp_path / KEPT).read("model/references.json").decode()
