"""Does a checkpoint hold the EMA weights that its training module wants?

``EMALightningModule.evaluation_model`` of nequip 0.19.1 (``nequip/train/ema.py``) swaps the averaged weights
in, and can do so only if the state says that the averages are in the ``ema`` module. A checkpoint without
them, or written while they were swapped out, fails there with an ``AssertionError`` or missing keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from nequip_pack.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from nequip_pack.checkpoint.header import Header

_STATE: Final = "ema._extra_state"
_WEIGHT: Final = "ema.ema_weight_"
_KNOWN: Final = frozenset({"EMALightningModule", "EMAConFIGLightningModule"})
_REMEDY: Final = (
    "use a checkpoint that nequip-train saved after a validation, for example best.ckpt or last.ckpt"
)


def wants_ema_by_name(header: Header) -> bool:
    """Whether the training module is one of nequip's own that average weights; knows no subclasses."""
    target = str(header.info["training_module"].get("_target_", ""))
    return target.startswith("nequip.") and target.rpartition(".")[2] in _KNOWN


def check_ema(path: Path, state: Mapping[str, Any], *, wanted: bool) -> None:
    """Check the EMA part of a state dictionary.

    Args:
        path: the checkpoint, for messages.
        state: its ``state_dict``.
        wanted: whether the training module averages weights.

    Raises:
        InputError: if averages are wanted and missing, or are not where loading expects them.
    """
    extra = state.get(_STATE)
    if isinstance(extra, Mapping) and extra.get("is_holding_ema_weights") is False:
        why = "it was saved while the averages were swapped into the model"
        raise InputError("the checkpoint does not hold its EMA weights", where=path, why=why, remedy=_REMEDY)
    if not wanted:
        return
    if not isinstance(extra, Mapping) or not any(key.startswith(_WEIGHT) for key in state):
        why = "its training module averages weights, but the state has none"
        raise InputError("the checkpoint has no EMA weights", where=path, why=why, remedy=_REMEDY)
