"""A structure on its way to a model: the transforms of the training data, and what the model itself knows."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any, Final

from nequip_pack.checkpoint.configuration import mappings
from nequip_pack.checkpoint.failures import explained

_TYPES: Final = "atom_types"
_EDGES: Final = "edge_index"


def transformed(data: dict[str, Any], config: Any) -> dict[str, Any]:
    """Apply the transforms of a data module, but those which do not work here.

    An old release may have had one under another name or with other arguments, or it is a laboratory's own.

    Args:
        data: of one structure.
        config: of the data module; the first list of transforms in it is taken.
    """
    from hydra.utils import instantiate

    for transform in _transforms(config):
        try:
            data = instantiate(transform)(dict(data))
        except Exception as error:
            name = transform.get("_target_") if isinstance(transform, Mapping) else transform
            why = explained(error).partition("\n")[0]
            warnings.warn(f"the example data goes without {name}, which fails here ({why})", stacklevel=2)
    return data


def completed(data: dict[str, Any], model: Any) -> dict[str, Any]:
    """Add the atom types and the neighbour list by what the model tells, where they are not there yet."""
    from nequip.data.transforms import ChemicalSpeciesToAtomTypeMapper, NeighborListTransform

    names = list(model.type_names)
    if _TYPES not in data:
        data = ChemicalSpeciesToAtomTypeMapper(model_type_names=names)(data)
    if _EDGES not in data:
        per_pair = cutoffs(model.metadata, names)
        data = NeighborListTransform(float(model.metadata["r_max"]), per_pair, names)(data)
    return data


def cutoffs(metadata: Mapping[str, str], names: list[str]) -> dict[str, dict[str, float]] | None:
    """The cutoffs by the types of center and neighbor; nequip keeps them as the text of a matrix."""
    numbers = [float(word) for word in metadata.get("per_edge_type_cutoff", "").split()]
    if not numbers:
        return None
    size = len(names)
    rows = [numbers[start : start + size] for start in range(0, size * size, size)]
    return {name: dict(zip(names, row, strict=True)) for name, row in zip(names, rows, strict=True)}


def _transforms(config: object) -> list[Any]:
    """The first list of transforms in the configuration of a data module."""
    found = (mapping.get("transforms") for mapping in mappings(config))
    return next((listed for listed in found if isinstance(listed, list) and listed), [])
