"""Run a loaded model and describe it, for comparing two copies bit by bit."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def outputs(models: Any, data: Mapping[str, Any]) -> dict[str, Any]:
    """What every model of a ``ModuleDict`` computes for ``data``, in evaluation mode.

    Args:
        models: a ``torch.nn.ModuleDict``; left in the training or evaluation mode that it was in.
        data: one structure, tensor by name.

    Returns:
        Tensors on the CPU by ``model.output``, without those that repeat the input.
    """
    import torch

    found: dict[str, Any] = {}
    for key, model in models.items():
        modes = [(module, module.training) for module in model.modules()]
        model.eval()
        with torch.enable_grad():
            result = model({name: value.clone() for name, value in data.items()})
        for module, training in modes:
            module.training = training
        for name, value in result.items():
            if isinstance(value, torch.Tensor) and not _repeats(data.get(name), value):
                found[f"{key}.{name}"] = value.detach().cpu()
    return found


def same_bits(first: Any, second: Any) -> bool:
    """Whether two tensors have the same type, shape and bits; a NaN equals itself."""
    return bool(first.dtype == second.dtype and first.shape == second.shape) and _bytes(first) == _bytes(
        second
    )


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


def _bytes(tensor: Any) -> bytes:
    import torch

    flat = tensor.detach().cpu().contiguous().reshape(-1)
    return bytes(flat.view(torch.uint8).numpy()) if flat.numel() else b""
