"""Builder of the model. Not packaged: what it builds is, so hydra and lightning may be reached from here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nequip.model import NequIPGNNModel
from nequip.model.utils import model_builder

from .softcore import SoftCore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nequip.nn import GraphModuleMixin


@model_builder
def SoftCoreNequIPModel(
    type_names: Sequence[str], r_max: float, softcore: dict[str, float] | None = None, **kwargs: Any
) -> GraphModuleMixin:
    """Build a NequIP GNN whose atoms also repel each other at short range.

    Args:
        type_names: the atom types of the model.
        r_max: cutoff radius of the GNN (Angstrom).
        softcore: arguments of `SoftCore`, such as ``core_radius``.
        kwargs: all other arguments of ``NequIPGNNModel``.
    """
    model = NequIPGNNModel(type_names=type_names, r_max=r_max, **kwargs)
    energy = model.func
    core = SoftCore(
        type_names=type_names,
        irreps_in=energy.per_type_energy_scale_shift.irreps_out,
        **({"core_radius": min(2.0, r_max)} | dict(softcore or {})),
    )
    energy.insert("softcore", core, before="total_energy_sum")
    return model
