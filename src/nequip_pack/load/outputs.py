"""Run a loaded model and describe it, for comparing two copies bit by bit."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Final

_DEEPEST: Final = 8
"""Containers inside containers that are looked into."""
NEVER_FINITE: Final = "none of its numbers is finite"


@dataclass(frozen=True, slots=True)
class Outputs:
    """What models computed.

    Attributes:
        tensors: dense tensors of real numbers on the CPU, by ``model.output``.
        left_out: why something that a model returned is not among them, by the same kind of name.
        intermediates: the names of tensors that a graph model of nequip passes on beside its results.
    """

    tensors: dict[str, Any]
    left_out: dict[str, str]
    intermediates: set[str]

    def without_numbers(self) -> dict[str, str]:
        """Why an output cannot show that two models compute the same, by name: left out, or never finite."""
        never = (name for name, value in self.tensors.items() if is_never_finite(value))
        return {**self.left_out, **dict.fromkeys(never, NEVER_FINITE)}


def is_never_finite(value: Any) -> bool:
    """Whether a tensor has numbers, and none of them is finite."""
    return bool(value.numel()) and bool(value.is_floating_point()) and not bool(value.isfinite().any())


def outputs(models: Any, data: Any) -> Outputs:
    """What every model of a ``ModuleDict`` computes for ``data``, in evaluation mode.

    Args:
        models: a ``torch.nn.ModuleDict``; left in the training or evaluation mode that it was in.
        data: one input. A mapping of names to tensors, as models of nequip take it, and a tensor are the only
            argument; a tuple or list holds all arguments.

    Returns:
        All that is numbers, without what repeats the input. Where a model returns no mapping it is called
        ``output``, or ``output0``, ``output1``, ... if there are several; what is inside another container
        has a name for each (``output0.charges``).
    """
    found = Outputs({}, {}, set())
    given = data if isinstance(data, Mapping) else {}
    for key, model in models.items():
        passes_on = _is_graph_model(model)
        for name, value in _run(model, data):
            if name in given and _repeats(given[name], value):
                continue
            _add(found, f"{key}.{name}", value)
            if passes_on and name.startswith(("node_", "edge_")):
                found.intermediates.add(f"{key}.{name}")
    return found


def arguments(data: Any) -> tuple[Any, ...]:
    """The arguments that a model is called with for some example data, copied."""
    if isinstance(data, Mapping):
        return ({name: value.clone() for name, value in data.items()},)
    return tuple(value.clone() for value in (data if isinstance(data, (tuple, list)) else [data]))


def moved(data: Any, device: str) -> Any:
    """Example data on another device."""
    if isinstance(data, Mapping):
        return {name: value.to(device) for name, value in data.items()}
    return tuple(value.to(device) for value in (data if isinstance(data, (tuple, list)) else [data]))


def same_bits(first: Any, second: Any) -> bool:
    """Whether two tensors have the same type, shape and bits; a NaN equals itself."""
    alike = first.dtype == second.dtype and first.shape == second.shape
    return bool(alike) and memoryview(_bytes(first)) == memoryview(_bytes(second))


def state_digests(models: Any) -> dict[str, str]:
    """A SHA-256 over type, shape and bits of every parameter and buffer, by name."""
    state = models.state_dict().items()
    return {name: _digest(value) for name, value in state if hasattr(value, "detach")}


def _digest(tensor: Any) -> str:
    digest = hashlib.sha256(f"{tensor.dtype} {tuple(tensor.shape)}\n".encode())
    digest.update(_bytes(tensor))
    return digest.hexdigest()


def _run(model: Any, data: Any) -> list[tuple[str, Any]]:
    import torch

    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with torch.enable_grad():
            given = _named(model(*arguments(data)))
            return [leaf for name, value in given for leaf in _leaves(value, name)]
    finally:
        for module, training in modes:
            module.training = training


def _named(result: Any) -> list[tuple[str, Any]]:
    """What a model returned, by name."""
    if isinstance(result, Mapping):
        return [(str(name), value) for name, value in result.items()]
    if isinstance(result, (tuple, list)):
        return [(f"output{index}", value) for index, value in enumerate(result)]
    return [("output", result)]


def _is_graph_model(model: Any) -> bool:
    """Whether a model is one of nequip's, from whatever copy of it."""
    return any(
        kind.__name__ == "GraphModel" and kind.__module__.endswith("nequip.nn.graph_model")
        for kind in type(model).__mro__
    )


def _leaves(value: Any, name: str, depth: int = 1) -> Iterator[tuple[str, Any]]:
    """What is in containers, by the way to it; ``None`` is nothing."""
    inside = _inside(value) if depth < _DEEPEST else None
    if inside is None:
        yield from [(name, value)] if value is not None else []
        return
    for key, item in inside:
        yield from _leaves(item, f"{name}.{key}", depth + 1)


def _inside(value: Any) -> Iterable[tuple[object, Any]] | None:
    import torch

    if isinstance(value, Mapping):
        return value.items()
    if isinstance(value, (tuple, list)):
        return enumerate(value)
    if isinstance(value, torch.Tensor) and value.is_nested:
        return enumerate(value.unbind())
    if is_dataclass(value) and not isinstance(value, type):
        return [(field.name, getattr(value, field.name)) for field in fields(value)]
    return None


def _add(found: Outputs, name: str, value: Any) -> None:
    if name in found.tensors or name in found.left_out:
        found.tensors.pop(name, None)
        found.left_out[name] = "several outputs have this name"
        return
    try:
        found.tensors[name] = _numbers(value)
    except (TypeError, ValueError, RuntimeError, NotImplementedError) as error:
        found.left_out[name] = " ".join(str(error).split())


def _numbers(value: Any) -> Any:
    """A dense tensor of real numbers: real and imaginary parts of a complex one come last.

    Raises:
        TypeError: if it holds no numbers.
    """
    import numpy as np
    import torch

    if isinstance(value, (bool, int, float, complex)):
        value = torch.tensor(value, dtype={float: torch.float64, complex: torch.complex128}.get(type(value)))
    elif isinstance(value, (np.ndarray, np.generic)):
        value = torch.as_tensor(value)
    if not isinstance(value, torch.Tensor):
        raise TypeError(f"it is of the type {type(value).__name__}, not a tensor")
    value = value.detach()
    if value.is_quantized:
        value = value.dequantize()
    if value.layout is not torch.strided:
        value = value.to_dense()
    value = value.resolve_conj().resolve_neg().cpu()
    return torch.view_as_real(value) if value.is_complex() else value


def _repeats(given: Any, value: Any) -> bool:
    import torch

    if not isinstance(value, torch.Tensor) or value.layout is not torch.strided:
        return False
    return same_bits(given.detach().cpu(), value.detach().cpu())


def _bytes(tensor: Any) -> Any:
    """The bytes of a tensor as an array, which has no copy of those that are on the CPU already."""
    import torch

    flat = tensor.detach().cpu().contiguous().reshape(-1)
    return flat.view(torch.uint8).numpy() if flat.numel() else b""
