"""Reference predictions, made of the models in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from nequip_pack.errors import ModelError
from nequip_pack.format.references import THREADS, Reference
from nequip_pack.load.outputs import outputs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nequip_pack.checkpoint import LoadedModels

_PHYSICAL: Final = ("total_energy", "forces", "stress", "virial")


def predict(loaded: LoadedModels, where: Path) -> dict[str, Any]:
    """Every output of the eager models for the example data, on as many threads as references are made with.

    Raises:
        ModelError: if a model does not run on the example data.
    """
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(THREADS)
    try:
        return outputs(next(iter(loaded.models.values())), loaded.example_data)
    except Exception as error:
        what = "the model does not run on the example data"
        raise ModelError(what, where=where, why=f"{type(error).__name__}: {error}") from error
    finally:
        torch.set_num_threads(threads)


def references(predicted: Mapping[str, Any]) -> dict[str, Reference]:
    """Energy, forces, stress and virial as plain data; all real outputs of a model without these."""
    physical = {name: value for name, value in predicted.items() if name.rpartition(".")[2] in _PHYSICAL}
    return {
        name: Reference(str(value.dtype).removeprefix("torch."), tuple(value.shape), value.tolist())
        for name, value in (physical or predicted).items()
        if not value.is_complex()
    }
