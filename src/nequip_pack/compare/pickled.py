"""What a model's pickle holds, read without torch: its tensors, and the classes and functions that it names.

The unpickler builds inert objects in place of every class but the plain containers, and of functions it runs
none; so nothing of the package runs.
"""

from __future__ import annotations

import io
import pickle
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from nequip_pack.errors import DamagedError

if TYPE_CHECKING:
    from nequip_pack.format import Archive

_PICKLE_LIMIT: Final = 1 << 31
_PLAIN: Final[Mapping[tuple[str, str], type]] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("builtins", "set"): set,
    ("builtins", "frozenset"): frozenset,
    ("builtins", "complex"): complex,
    ("builtins", "bytearray"): bytearray,
}


class Inert:
    """Stands for any object that is not plain data; keeps the state that it was given."""

    def __init__(self, *args: object, **options: object) -> None:
        self.state: Any = None

    def __new__(cls, *args: object, **options: object) -> Inert:
        made = super().__new__(cls)
        made.state = None
        return made

    def __setstate__(self, state: object) -> None:
        self.state = state

    def __setitem__(self, key: object, value: object) -> None: ...

    def __call__(self, *args: object, **options: object) -> Inert:
        return Inert()

    def append(self, value: object) -> None:
        """Take an item of a list subclass."""

    def extend(self, values: object) -> None:
        """Take items of a list subclass."""

    def add(self, value: object) -> None:
        """Take an item of a set subclass."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """Where a tensor's values are: the member ``storage``; offset and strides count elements."""

    storage: str
    kind: str
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]


@dataclass(slots=True)
class Pickled:
    """The content of one pickle.

    Attributes:
        content: plain data, :class:`Tensor` and :class:`Inert`.
        modules: the modules that its classes and functions come from.
        storages: the members that hold its tensors.
    """

    content: Any = None
    modules: set[str] = field(default_factory=set)
    storages: set[str] = field(default_factory=set)


def read_pickle(archive: Archive, name: str) -> Pickled:
    """Read one pickle of a package.

    Raises:
        DamagedError: if it is missing or no pickle.
    """
    found = Pickled()
    try:
        found.content = _Reader(archive.read(name, _PICKLE_LIMIT), found).load()
    except DamagedError:
        raise
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
        raise DamagedError(f"the pickle {name} cannot be read", where=archive.path, why=why) from error
    return found


def tensors(models: Any) -> dict[str, Tensor]:
    """The parameters and buffers of a pickled module by their name in ``state_dict``."""
    return dict(_walk(models, ""))


class _Reader(pickle.Unpickler):
    def __init__(self, content: bytes, found: Pickled) -> None:
        super().__init__(io.BytesIO(content))
        self._found = found

    def find_class(self, module: str, name: str) -> Any:
        self._found.modules.add(module)
        if (module, name) in _PLAIN:
            return _PLAIN[module, name]
        if module == "torch._utils" and name in _REBUILD:
            return _REBUILD[name]
        return type(name, (Inert,), {"__module__": "inert"})

    def persistent_load(self, identifier: Any) -> Any:
        if isinstance(identifier, tuple) and identifier[0] == "storage":
            kind, key = identifier[1], str(identifier[2])
            member = f".data/{key}.storage"
            self._found.storages.add(member)
            return member, getattr(kind, "__name__", str(kind))
        return Inert()


def _tensor(storage: Any, offset: int, shape: Any, stride: Any, *_: object) -> Tensor:
    member, kind = storage
    return Tensor(member, kind, offset, tuple(shape), tuple(stride))


def _parameter(data: Any, *_: object) -> Any:
    return data


_REBUILD: Final[Mapping[str, Callable[..., Any]]] = {
    "_rebuild_tensor_v2": _tensor,
    "_rebuild_tensor": _tensor,
    "_rebuild_parameter": _parameter,
    "_rebuild_parameter_with_state": _parameter,
}


def _walk(module: Any, prefix: str) -> Iterator[tuple[str, Tensor]]:
    state = module.state if isinstance(module, Inert) else None
    if not isinstance(state, Mapping):
        return
    for group in ("_parameters", "_buffers"):
        for name, value in _items(state.get(group)):
            if isinstance(value, Tensor):
                yield f"{prefix}{name}", value
    for name, child in _items(state.get("_modules")):
        yield from _walk(child, f"{prefix}{name}.")


def _items(group: Any) -> list[tuple[str, Any]]:
    return list(group.items()) if isinstance(group, Mapping) else []
