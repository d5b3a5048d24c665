"""Run a loaded model and describe it, for comparing two copies bit by bit."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any


def outputs(models: Any, data: Any) -> dict[str, Any]:
    """What every model of a ``ModuleDict`` computes for ``data``, in evaluation mode.

    Args:
        models: a ``torch.nn.ModuleDict``; left in the training or evaluation mode that it was in.
        data: one input. A mapping of names to tensors, as models of nequip take it, and a tensor are the only
            argument; a tuple or list holds all arguments.

    Returns:
        Tensors on the CPU by ``model.output``, without those that repeat the input. Where a model returns no
        mapping they are called ``output``, or ``output0``, ``output1``, ... if there are several.
    """
    import torch

    found: dict[str, Any] = {}
    given = data if isinstance(data, Mapping) else {}
    for key, model in models.items():
        modes = [(module, module.training) for module in model.modules()]
        model.eval()
        with torch.enable_grad():
            result = named(model(*arguments(data)))
        for module, training in modes:
            module.training = training
        for name, value in result.items():
            if isinstance(value, torch.Tensor) and not _repeats(given.get(name), value):
                found[f"{key}.{name}"] = value.detach().cpu()
    return found


def arguments(data: Any) -> tuple[Any, ...]:
    """The arguments that a model is called with for some example data, copied."""
    if isinstance(data, Mapping):
        return ({name: value.clone() for name, value in data.items()},)
    return tuple(value.clone() for value in (data if isinstance(data, (tuple, list)) else [data]))


def named(result: Any) -> Mapping[str, Any]:
    """What a model returned, by name."""
    if isinstance(result, Mapping):
        return result
    if isinstance(result, (tuple, list)):
        return {f"output{index}": value for index, value in enumerate(result)}
    return {"output": result}


def same_bits(first: Any, second: Any) -> bool:
    """Whether two tensors have the same type, shape and bits; a NaN equals itself."""
    alike = first.dtype == second.dtype and first.shape == second.shape
    return bool(alike) and memoryview(_bytes(first)) == memoryview(_bytes(second))


def state_digest(models: Any) -> str:
    """A SHA-256 over names, types, shapes and bits of all parameters and buffers."""
    digest = hashlib.sha256()
    for name, value in sorted(models.state_dict().items()):
        if not hasattr(value, "detach"):
            continue
        digest.update(f"{name} {value.dtype} {tuple(value.shape)}\n".encode())
        digest.update(_bytes(value))
    return digest.hexdigest()


def _repeats(given: Any, value: Any) -> bool:
    return given is not None and same_bits(given.detach().cpu(), value.detach().cpu())


def _bytes(tensor: Any) -> Any:
    """The bytes of a tensor as an array, which has no copy of those that are on the CPU already."""
    import torch

    flat = tensor.detach().cpu().contiguous().reshape(-1)
    return flat.view(torch.uint8).numpy() if flat.numel() else b""
