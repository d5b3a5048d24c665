"""A structure for a model that has seen no data: every type, and an edge for every pair of types."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from nequip_pack.checkpoint.transforms import completed, cutoffs
from nequip_pack.errors import EnvironmentLacksError

if TYPE_CHECKING:
    from collections.abc import Mapping

SEED: Final = 20260
_FEWEST: Final = 6
"""Atoms, at least: a trace of a model takes sizes of 0 and 1 for constants."""
_CELL: Final = ((0.93, 0.0, 0.0), (0.05, 1.15, 0.0), (0.04, 0.06, 1.15))
"""In units of the smallest cutoff. An atom sees its own image along the first vector; half the longest
diagonal is 0.98, so that every atom sees every other or an image of it."""
_JITTER: Final = 0.15
"""In units of the distance between sites: no symmetry is left, and no two atoms come close."""


def made_structure(models: Mapping[str, Any]) -> dict[str, Any]:
    """One periodic structure, tensor by name, in the length unit of the model; the same every time.

    Args:
        models: of one configuration; they have the same types, and each its own cutoff and input fields.

    Raises:
        EnvironmentLacksError: if a model wants an input that nobody can make up.
    """
    import torch
    from nequip.data import AtomicDataDict

    generator = torch.Generator().manual_seed(SEED)
    widest = max(models.values(), key=lambda model: float(model.metadata["r_max"]))
    atoms = _atoms(list(widest.type_names), min(map(_smallest, models.values())), generator)
    data: dict[str, Any] = AtomicDataDict.batched_from_list([completed(atoms, widest)])
    for model in models.values():
        for field in wanted(model):
            if field not in data:
                data[field] = _made_up(field, model, data, generator)
    return data


def wanted(model: Any) -> list[str]:
    """The input fields without which a model does not run."""
    return list(getattr(model.model, "irreps_in", ()))


def _smallest(model: Any) -> float:
    """The smallest cutoff of any pair of types."""
    pairs = cutoffs(model.metadata, list(model.type_names)) or {}
    return min([float(model.metadata["r_max"]), *(value for row in pairs.values() for value in row.values())])


def _atoms(types: list[str], cutoff: float, generator: Any) -> dict[str, Any]:
    import torch

    count = max(len(types), _FEWEST)
    side = math.ceil(count ** (1 / 3))
    sites = torch.cartesian_prod(*[torch.arange(side)] * 3)
    chosen = sites[torch.randperm(len(sites), generator=generator)[:count]]
    jitter = 2 * torch.rand(count, 3, generator=generator) - 1
    cell = cutoff * torch.tensor(_CELL)
    of_types = torch.arange(count) % len(types)
    return {
        "pos": ((chosen + _JITTER * jitter) / side) @ cell,
        "cell": cell[None],
        "pbc": torch.tensor([[True, True, True]]),
        "atom_types": of_types,
        **_numbers([types[index] for index in of_types]),
    }


def _numbers(symbols: list[str]) -> dict[str, Any]:
    """The atomic numbers, if all types are chemical elements."""
    import ase.data
    import torch

    known = [ase.data.atomic_numbers.get(symbol) for symbol in symbols]
    return {} if None in known else {"atomic_numbers": torch.tensor(known)}


def _made_up(field: str, model: Any, data: Mapping[str, Any], generator: Any) -> Any:
    """What a model wants beside types and positions, such as a charge."""
    import torch
    from nequip.data import _key_registry

    kind = _key_registry.get_field_type(field, error_on_unregistered=False)
    sizes = {"graph": 1, "node": len(data["pos"]), "edge": data["edge_index"].shape[1]}
    if kind not in sizes:
        what = f"the model wants the input {field}, which cannot be made up"
        why = "nequip's registry of fields does not know it"
        raise EnvironmentLacksError(what, why=why, remedy="give one structure with --example-data FILE")
    if field in _key_registry._CARTESIAN_TENSOR_FIELDS:
        return torch.rand(sizes[kind], 3, 3, generator=generator)
    irreps = model.model.irreps_in[field]
    shape = (sizes[kind], 1 if irreps is None else irreps.dim)
    if field in _key_registry._LONG_FIELDS:
        return torch.randint(2, shape, generator=generator)
    return torch.rand(shape, generator=generator)
