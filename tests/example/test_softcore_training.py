"""The example, trained with the callback: refused before the first step, or packaged after the last."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from softcore_support import Installed, block
from test_softcore_package import needs_absent_torch_scatter

from nequip_pack.format import open_archive, read_metadata
from nequip_pack.format.closure import read_closure

if TYPE_CHECKING:
    import subprocess

    from once import Once

pytestmark = pytest.mark.real
CALLBACK = "nequip_pack.train.Rehearsal"
(SHOWN,) = yaml.safe_load(block("how-to/training.md", "yaml"))["trainer"]["callbacks"]
PACKAGE = SHOWN["build_to"]
LOST = "NQ101:nequip_softcore.softcore_kernel"
BEFORE, AFTER = ({"_target_": "witness.Witness", "name": name} for name in ("before", "after"))
EQUAL = """
import sys

import torch

ours, theirs = (torch.load(path, weights_only=False) for path in sys.argv[1:])
for key in ("state_dict", "optimizer_states"):
    values = [torch.utils._pytree.tree_leaves(content[key]) for content in (ours, theirs)]
    texts = [[v.tolist() if isinstance(v, torch.Tensor) else v for v in found] for found in values]
    print(texts[0] == texts[1] and len(repr(texts)) > 10_000)
print(ours["callbacks"].keys() == theirs["callbacks"].keys())
"""
WITHOUT = """
import runpy
import sys


class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("nequip_pack", "nequip_lint"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


sys.meta_path.insert(0, Absent())
checkpoint, *words = sys.argv[1:]
from nequip.model.saved_models import load_saved_model
from nequip.utils.global_state import set_global_state

set_global_state()
print("loaded:", type(load_saved_model(checkpoint)).__name__)
sys.argv = ["nequip-train", *words]
runpy.run_module("nequip.scripts.train", run_name="__main__")
"""


def train(
    installed: Installed, folder: Path, *words: str, callbacks: tuple[dict[str, Any], ...]
) -> subprocess.CompletedProcess[str]:
    """Train in a folder, with more callbacks than the example's configuration has."""
    folder.mkdir(exist_ok=True)
    settings = yaml.safe_load((installed.project / "train.yaml").read_text())
    settings["trainer"]["callbacks"] += callbacks
    (folder / "config.yaml").write_text(yaml.safe_dump(settings))
    shutil.copy(Path(__file__).with_name("witness.py"), installed.project)
    which = ["-cp", str(folder), "-cn", "config", "hydra.run.dir=run"]
    return installed.python("-m", "nequip.scripts.train", *which, *words, cwd=folder)


@pytest.fixture(scope="session")
def accepted(example: Installed, once: Once) -> Path:
    """The folder of a training with the callback as the README shows it; ``log`` is what it printed."""

    def fill(folder: Path) -> None:
        done = train(example, folder, callbacks=(BEFORE, SHOWN, AFTER))
        assert done.returncode == 0, done.stdout
        (folder / "log").write_text(done.stdout)

    return once("training", fill)


def test_nothing_of_the_training_changes(
    example: Installed, accepted: Path, checkpoint: Path, tmp_path: Path
) -> None:
    """Neither the process, nor one bit of the weights, nor what a checkpoint says of callbacks."""
    before, after = (json.loads((accepted / f"{name}.json").read_text()) for name in ("before", "after"))
    assert before == after
    for name in ("best.ckpt", "last.ckpt"):
        files = str(accepted / "run" / name), str(checkpoint.with_name(name))
        done = example.python("-c", EQUAL, *files, cwd=tmp_path)
        assert done.stdout.split() == ["True"] * 3, done.stdout


def test_the_best_checkpoint_is_packaged(accepted: Path, ours: Path) -> None:
    archive = open_archive(accepted / PACKAGE)
    assert read_closure(archive) == read_closure(open_archive(ours))
    assert not read_metadata(archive).is_rehearsed
    log = (accepted / "log").read_text()
    assert log.index("the model packages: ") < log.index("`Trainer.fit` stopped") < log.index(f"{PACKAGE}: ")
    assert f"from {accepted / 'run' / 'best.ckpt'}" in log


def test_its_checkpoint_loads_and_continues_without_nequip_pack(
    example: Installed, accepted: Path, tmp_path: Path
) -> None:
    """Whether the training goes on with the example's own configuration, which has no callback of ours."""
    last = str(accepted / "run" / "last.ckpt")
    which = ["-cp", str(example.project), "-cn", "train", "hydra.run.dir=run"]
    more = [f"++ckpt_path='{last}'", "trainer.max_epochs=5"]
    done = example.python("-c", WITHOUT, last, *which, *more, cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert "loaded: GraphModel" in done.stdout
    assert "`max_epochs=5` reached" in done.stdout
    assert "callbacks used to create the checkpoint" not in done.stdout
    assert (tmp_path / "run" / "last.ckpt").is_file()


@needs_absent_torch_scatter
@pytest.mark.parametrize("ranks", [1, 2])
def test_it_is_refused_before_the_first_step(broken_example: Installed, tmp_path: Path, ranks: int) -> None:
    """On all ranks; the findings and one line are printed once, and no traceback."""
    several = [f"++trainer.devices={ranks}", "++trainer.strategy=ddp"] if ranks > 1 else []
    done = train(broken_example, tmp_path / "cwd", *several, callbacks=({"_target_": CALLBACK}, AFTER))
    assert done.returncode == 1, done.stdout
    assert done.stdout.count("error NQ101") == done.stdout.count("the gate refuses this build") == 1
    assert "the model of this training: the gate refuses this build because of nequip_softcore" in done.stdout
    assert f"--allow {LOST}" in done.stdout
    assert "Traceback" not in done.stdout
    assert f"MEMBER: {ranks}/{ranks}" in done.stdout or ranks == 1
    assert not list(tmp_path.rglob("*.ckpt"))
    assert not (tmp_path / "cwd" / "after.json").exists()


@needs_absent_torch_scatter
def test_on_request_it_only_warns(broken_example: Installed, accepted: Path, tmp_path: Path) -> None:
    """In a training that goes on; what cannot be packaged costs neither its checkpoint nor its success."""
    ours = {"_target_": CALLBACK, "on_failure": "warn", "build_to": "a b.nequip.zip", "mode": "nequip"}
    words = [f"++ckpt_path='{accepted / 'run' / 'last.ckpt'}'", "trainer.max_epochs=5"]
    done = train(broken_example, tmp_path / "cwd", *words, callbacks=(ours,))
    assert done.returncode == 0, done.stdout
    best = tmp_path / "cwd" / "run" / "best.ckpt"
    assert done.stdout.count("error NQ101") == 2
    assert "[nequip_pack.train][WARNING]" in done.stdout
    assert "[ERROR]" not in done.stdout
    assert "`max_epochs=5` reached" in done.stdout
    assert best.is_file()
    assert f"nequip-pack build {best} 'a b.nequip.zip' --mode nequip\n" in done.stdout
    assert not list(tmp_path.rglob("*.zip"))
