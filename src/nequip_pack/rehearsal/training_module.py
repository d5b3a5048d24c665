"""A training module with untrained weights, and the checkpoint that Lightning would write of it."""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING, Any

from nequip_pack.checkpoint.failures import explained, loading
from nequip_pack.errors import ModelError, OutputError, UsageError
from nequip_pack.modes import EAGER
from nequip_pack.rehearsal.memory import check_fits, enough_memory
from nequip_pack.writing.sink import Sink

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


def untrained(
    path: Path, config: Mapping[str, Any], info: Mapping[str, Any], numbers: Mapping[str, int]
) -> Any:
    """Make a training module as ``nequip-train`` does, on the CPU; of its modifiers only the persistent ones.

    Args:
        path: of the configuration, for messages.
        config: the section ``training_module``, resolved.
        info: what a checkpoint tells of its training (``info_dict``).
        numbers: of the datasets, by ``train``, ``val``, ``test`` and ``predict``.

    Raises:
        EnvironmentLacksError: if it does not fit into the memory, or something cannot be imported.
        ModelError: if it cannot be made.
        UsageError: if it is none of nequip's.
    """
    from hydra.utils import instantiate
    from nequip.model.modify_utils import only_apply_persistent_modifiers
    from nequip.model.utils import override_model_compile_mode
    from nequip.train import NequIPLightningModule

    modes = only_apply_persistent_modifiers(persistent_only=True), override_model_compile_mode(EAGER)
    with loading(path, "training module"), enough_memory(path), modes[0], modes[1]:
        options = {"num_datasets": dict(numbers), "info_dict": dict(info)}
        module = instantiate(dict(config), _recursive_=False, _convert_="all", **options)
    if not isinstance(module, NequIPLightningModule):
        what = f"the training module is a {type(module).__name__}, and no NequIPLightningModule"
        raise UsageError(what, where=path, remedy="nequip-train takes no other")
    check_fits(path, module)
    return module


@contextlib.contextmanager
def training_run() -> Iterator[None]:
    """Tell nequip that this is a training, and leave its state as it was."""
    from nequip.scripts._workflow_utils import get_workflow_state, set_workflow_state
    from nequip.utils.global_state import set_global_state

    before = get_workflow_state()
    set_workflow_state("train")
    try:
        set_global_state()
        yield
    finally:
        set_workflow_state(before)


def write_checkpoint(module: Any, target: Path, path: Path) -> None:
    """Write what a load reads of a checkpoint (lightning 2.6.6, ``checkpoint_connector.py``).

    Args:
        module: the training module.
        target: the file to write.
        path: of the configuration, for messages.

    Raises:
        ModelError: if the training module cannot be saved.
        OutputError: if there is no room.
    """
    import torch

    try:
        content = _content(module)
        with target.open("wb") as stream:
            sink = Sink(stream)
            torch.save(content, sink)
    except Exception as error:
        what = "the training module cannot be saved as a checkpoint"
        raise ModelError(what, where=path, why=explained(error)) from error
    if sink.error is not None:
        what, remedy = "the checkpoint could not be written", "set TMPDIR to a folder that has room"
        raise OutputError(what, where=target.parent, why=str(sink.error), remedy=remedy)


def _content(module: Any) -> dict[str, Any]:
    import lightning
    from lightning.pytorch.utilities.model_helpers import is_overridden

    content = {
        "epoch": 0,
        "global_step": 0,
        "pytorch-lightning_version": lightning.__version__,
        "state_dict": module.state_dict(),
        "hyper_parameters": dict(module.hparams),
    }
    if is_overridden("on_save_checkpoint", module):
        _attach(module)
        module.on_save_checkpoint(content)
    return content


def _attach(module: Any) -> None:
    """Give a training module a trainer and its optimizers, for which it may ask when it is saved."""
    from lightning import Trainer
    from lightning.pytorch.plugins.environments import LightningEnvironment

    options: dict[str, Any] = {"accelerator": "cpu", "devices": 1, "plugins": [LightningEnvironment()]}
    without = ("logger", "enable_checkpointing", "enable_progress_bar", "enable_model_summary")
    before = logging.root.manager.disable
    logging.disable(logging.INFO)  # a trainer tells what hardware it has found
    try:
        trainer = Trainer(**options, **dict.fromkeys(without, False))
    finally:
        logging.disable(before)
    trainer.strategy.connect(module)
    module.trainer = trainer
    trainer.strategy.setup_optimizers(trainer)
