"""Tensors and their storages as ``torch.package`` and ``torch.save`` pickle them."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from nequip_pack.pickles.values import BadPickle, Global, Inert, Persistent, Tensor

_TENSOR: Final = frozenset({("torch._utils", "_rebuild_tensor_v2"), ("torch._utils", "_rebuild_tensor")})
_PARAMETER: Final = frozenset(
    {("torch._utils", "_rebuild_parameter"), ("torch._utils", "_rebuild_parameter_with_state")}
)
_DIMENSIONS: Final = 64
"""The most dimensions that torch allows (``c10/core/TensorImpl.h``)."""
_LARGEST: Final = 1 << 63


class Storage(NamedTuple):
    """What the identifier of a storage tells: its key, and torch's name of its type."""

    key: str
    kind: str

    @property
    def member(self) -> str:
        """The member of a package."""
        return f".data/{self.key}.storage"


def storage(persistent: Persistent) -> Storage | None:
    """The storage that an identifier means, ``None`` if it means something else.

    Raises:
        BadPickle: if it is the identifier of a storage that torch would not accept.
    """
    identifier = persistent.identifier
    if type(identifier) is not tuple or not identifier or identifier[0] != "storage":
        return None
    if len(identifier) < 5 or type(identifier[1]) is not Global or type(identifier[2]) not in (str, int):
        raise BadPickle("a storage has no type or no key")
    return Storage(str(identifier[2]), identifier[1].name)


def made(function: Global, arguments: tuple[Any, ...]) -> Tensor | None:
    """The tensor that a call makes of a storage; ``None`` for any other call.

    Raises:
        BadPickle: if its shape or strides are none.
    """
    if (function.module, function.name) not in _TENSOR or len(arguments) < 4:
        return None
    held = storage(arguments[0]) if type(arguments[0]) is Persistent else None
    if held is None:
        return None
    offset, shape, stride = arguments[1:4]
    if not (_whole(offset) and _lengths(shape) and _lengths(stride) and len(shape) == len(stride)):
        raise BadPickle("a tensor has no proper offset, shape and strides")
    return Tensor(held.member, held.kind, offset, shape, stride, arguments[4:])


def as_tensor(value: Any) -> Tensor | None:
    """The tensor that a value is, also as a parameter; ``None`` for any other value."""
    while type(value) is Inert and type(value.callable) is Global and value.arguments:
        if (value.callable.module, value.callable.name) not in _PARAMETER:
            return None
        value = value.arguments[0]
    return value if type(value) is Tensor else None


def _whole(value: Any) -> bool:
    return type(value) is int and 0 <= value < _LARGEST


def _lengths(values: Any) -> bool:
    return type(values) is tuple and len(values) <= _DIMENSIONS and all(map(_whole, values))
