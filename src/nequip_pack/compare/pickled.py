"""The pickles of a package, and the tensors of a model in them, read without torch."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from nequip_pack.errors import DamagedError
from nequip_pack.pickles.read import read
from nequip_pack.pickles.tensors import as_tensor
from nequip_pack.pickles.values import BadPickle, Inert, Pickled, Tensor

if TYPE_CHECKING:
    from nequip_pack.format import Archive

__all__ = ["Inert", "Pickled", "Tensor", "read_pickle", "tensors"]

PICKLE_LIMIT: Final = 1 << 28
"""The most bytes of one pickle, of which the storages of tensors are no part."""
_KEPT: Final = 1 << 20
_NAMES: Final = 1 << 24
"""The most characters of all names together; a name is as long as its module lies deep."""


def read_pickle(archive: Archive, name: str) -> Pickled:
    """Read one pickle of a package. Nobody may change what it returns.

    Raises:
        DamagedError: if it is missing, no pickle, or asks for more than pickles of models do.
    """
    content = archive.read(name, PICKLE_LIMIT)
    try:
        return _kept(content) if len(content) <= _KEPT else _whole(content)
    except BadPickle as error:
        raise DamagedError(f"the pickle {name} cannot be read", where=archive.path, why=str(error)) from error


def tensors(models: Any) -> dict[str, Tensor]:
    """The parameters and buffers of a pickled module by their name in ``state_dict``."""
    return dict(_tensors(models))


def _whole(content: bytes) -> Pickled:
    found = read(content)
    if found.end != len(content):
        raise BadPickle(f"{len(content) - found.end} bytes follow its end")
    return found


_kept = lru_cache(maxsize=4)(_whole)
"""Several questions are asked of one pickle, one after another."""


def _tensors(models: Any) -> Iterator[tuple[str, Tensor]]:
    """Modules may be shared, even in circles: each is entered once, by the first of its names."""
    seen: set[int] = set()
    left = _NAMES
    waiting = [(models, "")]
    while waiting:
        module, prefix = waiting.pop()
        state = module.state if type(module) is Inert else None
        if not isinstance(state, dict) or id(module) in seen:
            continue
        seen.add(id(module))
        for group in ("_parameters", "_buffers", "_modules"):
            for name, value in _items(state.get(group)):
                left -= len(prefix) + len(name)
                if left < 0:
                    return
                if group == "_modules":
                    waiting.append((value, f"{prefix}{name}."))
                elif (tensor := as_tensor(value)) is not None:
                    yield f"{prefix}{name}", tensor


def _items(group: Any) -> list[tuple[str, Any]]:
    pairs = group.items() if isinstance(group, dict) else ()
    return [(name, value) for name, value in pairs if isinstance(name, str)]
