"""What works when a training module is made, and not when its checkpoint is written, loaded or run."""

from __future__ import annotations

from typing import Any

from nequip.model import NequIPGNNModel
from nequip.train import NequIPLightningModule

_calls: list[None] = []


def works_once(**options: Any) -> Any:
    """A model, at the first call."""
    _calls.append(None)
    if len(_calls) > 1:
        raise ValueError("this builder works once")
    return NequIPGNNModel(**options)


def wants_colour(**options: Any) -> Any:
    """A model that wants an input which no registry knows."""
    model = NequIPGNNModel(**options)
    model.model.irreps_in["colour"] = None
    return model


def behind_the_atoms(**options: Any) -> Any:
    """A model with a cutoff that is none."""
    return NequIPGNNModel(**{**options, "r_max": -1})


class Unsaved(NequIPLightningModule):
    """A training module that cannot be saved."""

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Ask for what only a training has."""
        checkpoint["steps"] = self.trainer.no_such_thing
