"""``${training_data_stats:NAME}`` without data: numbers of the right shape in place of the real ones."""

from __future__ import annotations

import contextlib
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from nequip_pack.checkpoint.failures import explained
from nequip_pack.errors import EnvironmentLacksError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

RESOLVER: Final = "training_data_stats"


@contextlib.contextmanager
def statistics_at_hand(path: Path, compute: Callable[[], Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Within, ``${training_data_stats:NAME}`` is answered.

    Args:
        path: of the configuration, for messages.
        compute: gives all statistics; it is called when the first is asked for.

    Returns:
        Those that have been asked for, by name; it grows.
    """
    from omegaconf import OmegaConf

    known, asked = cache(compute), dict[str, Any]()

    def answer(name: str) -> Any:
        if name not in known():
            what = f"data.stats_manager does not compute {name}, which the configuration asks for"
            why = f"known: {', '.join(known()) or 'none'}"
            raise UsageError(what, where=path, why=why)
        asked[name] = known()[name]
        return asked[name]

    OmegaConf.register_new_resolver(RESOLVER, answer, replace=True)
    try:
        yield asked
    finally:
        OmegaConf.clear_resolver(RESOLVER)


def stand_ins(path: Path, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Everything that the statistics manager of a data module computes, from made-up numbers.

    The manager itself computes them, so that shapes and kinds are those of a training: a number, or numbers
    by type (0.19.1, ``nequip/data/stats_manager.py``). The numbers are positive and of the order of one.

    Args:
        path: of the configuration, for messages.
        data: the section ``data``, resolved.

    Raises:
        EnvironmentLacksError: if the manager is none of nequip's, or cannot be made or asked here.
    """
    config = data.get("stats_manager")
    if config is None:
        return {}
    try:
        return _computed(config)
    except Exception as error:
        what = "the statistics of data.stats_manager cannot be made up"
        remedy = "give --data, which computes them from the training data"
        raise EnvironmentLacksError(what, where=path, why=explained(error), remedy=remedy) from error


def _computed(config: Any) -> Mapping[str, Any]:
    import torch
    from hydra.utils import instantiate
    from torchmetrics import Metric

    manager = instantiate(config)
    sample = torch.tensor([[0.5, 1.0], [1.5, 2.0]], dtype=torch.float64)
    for metric in manager.modules():
        if isinstance(metric, Metric):
            metric.update(sample)
    found: Mapping[str, Any] = manager.compute()
    return found
