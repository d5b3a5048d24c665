"""The callback in a training of lightning's own, where its model is none of nequip's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from warm import warm_python

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.real
PROGRAM = """
import json
import logging
import resource
import sys

import torch
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import ModelCheckpoint

from nequip_pack.errors import UsageError
from nequip_pack.train import Rehearsal


class Line(LightningModule):
    def __init__(self):
        super().__init__()
        self.line = torch.nn.Linear(1, 1)

    def training_step(self, batch, index):
        return self.line(batch).sum()

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)


class Heard(logging.Handler):
    def emit(self, record):
        heard.append(f"{record.levelname}: {record.getMessage()}")


def fit(*others, **options):
    heard.clear()
    trainer = Trainer(
        accelerator="cpu",
        max_epochs=1,
        callbacks=[Rehearsal(**options), *others],
        enable_checkpointing=bool(others),
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    try:
        trainer.fit(Line(), torch.utils.data.DataLoader(torch.ones(2, 1)))
    except SystemExit as stop:
        return [stop.code, trainer.global_step, *heard]
    return [0, trainer.global_step, *heard]


def fit_without_room(**options):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        return fit(**options)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


heard = []
logging.getLogger("nequip_pack.train").addHandler(Heard())
logging.getLogger("nequip_pack.train").setLevel("WARNING")
warned = dict(on_failure="warn", build_to="m.nequip.zip")
answers = {
    "no name of a package": fit(build_to="model.pt"),
    "no name of a package, warned": fit(build_to="model.pt", on_failure="warn"),
    "nothing kept": fit(**warned),
    "no room": fit_without_room(),
    "no room, warned": fit_without_room(on_failure="warn"),
    "only the last": fit(ModelCheckpoint("kept", save_top_k=0, save_last=True), **warned),
}
try:
    Rehearsal(on_failure="ignore")
except UsageError as error:
    answers["odd"] = str(error)
with open("answers.json", "w") as file:
    json.dump(answers, file)
"""


def test_what_can_be_asked_of_it(tmp_path: Path) -> None:
    done = warm_python("-c", PROGRAM, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    answers = json.loads((tmp_path / "answers.json").read_text())
    code, steps, message = answers["no name of a package"]
    assert (code, steps) == (2, 0)
    assert message.startswith("ERROR: ")
    assert "must end in .nequip.zip" in message
    code, steps, output, model, left = answers["no name of a package, warned"]
    assert (code, steps) == (0, 2)
    assert output == message.replace("ERROR", "WARNING")
    assert model.startswith("WARNING: the model of this training: ")
    assert left.startswith("WARNING: model.pt was not written")
    code, steps, *messages = answers["nothing kept"]
    assert (code, steps, len(messages)) == (0, 2, 2)
    assert messages[0].startswith("WARNING: the model of this training: ")
    assert messages[1] == "WARNING: m.nequip.zip was not written: the training has kept no checkpoint"
    no_room = "the model could not be written for its rehearsal (File too large); set TMPDIR to a folder"
    for name, ended in (("no room", [7, 0]), ("no room, warned", [0, 2])):
        assert answers[name][:2] == ended
        assert no_room in answers[name][2]
    last = tmp_path / "kept" / "last.ckpt"
    assert answers["only the last"][-1].endswith(f"\nnequip-pack build {last} m.nequip.zip")
    assert answers["odd"] == "on_failure is 'ignore'; write stop or warn"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["answers.json", "kept"]
