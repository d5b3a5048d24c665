"""Reference predictions, made of the models in memory."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from nequip_pack.errors import ModelError
from nequip_pack.failure import described
from nequip_pack.format.references import SMALL, THREADS, WHOLE, Reference
from nequip_pack.load.numbers import reduced
from nequip_pack.load.outputs import outputs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nequip_pack.checkpoint import LoadedModels
    from nequip_pack.load.outputs import Outputs


def predict(loaded: LoadedModels, where: Path) -> Outputs:
    """Every output of the eager models for the example data, on as many threads as references are made with.

    Raises:
        ModelError: if a model does not run on the example data.
    """
    models = next(iter(loaded.models.values()))
    try:
        with reference_threads():
            return outputs(models, loaded.example_data)
    except Exception as error:
        what = "the model does not run on the example data"
        raise ModelError(what, where=where, why=described(error, _packages(models))) from error


@contextmanager
def reference_threads() -> Iterator[None]:
    """Within, torch computes on as many threads as references are made with."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(THREADS)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _packages(models: Any) -> set[str]:
    """The top-level packages of the classes that the models consist of, but for torch."""
    return {type(module).__module__.partition(".")[0] for module in models.modules()} - {"torch"}


def references(predicted: Outputs) -> dict[str, Reference]:
    """All outputs as plain data."""
    return {
        name: _reference(value, name in predicted.intermediates) for name, value in predicted.tensors.items()
    }


def _reference(value: Any, intermediate: bool) -> Reference:
    numbers = reduced(value, SMALL if intermediate else WHOLE)
    dtype = str(value.dtype).removeprefix("torch.")
    values = tuple(numbers.values.tolist())
    return Reference(dtype, tuple(value.shape), values, numbers.norm, numbers.odd, intermediate)
