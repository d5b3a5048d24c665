"""Storages on their way into an archive: each content once, from the CPU, and always as the same bytes."""

from __future__ import annotations

import contextlib
import io
import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch.package import PackageExporter


_HEAD = 4096
"""Bytes of a storage that tell which others to compare it with."""


class SharedStorages:
    """Takes the place of an exporter's ``_persistent_id`` (torch 2.13, ``package/package_exporter.py:926``).

    torch.package writes one member per storage in memory, so two models with equal weights take twice the
    room. Here a storage goes into the member of one with the same content, if that one belongs to another
    pickle. Within one pickle nothing is shared that was not shared in memory, because a load would make
    one storage of the two, and training one parameter would change another. Two loads share nothing: each
    reads its storages anew.
    """

    def __init__(self, exporter: PackageExporter) -> None:
        self._write = exporter._persistent_id
        self._by_content: dict[tuple[int, int], list[Any]] = {}
        self._by_address: dict[int, Any] = {}
        self._taken: set[int] = set()
        self._alive: list[Any] = []
        exporter._persistent_id = self._persistent_id

    def start_pickle(self) -> None:
        """Another pickle begins: what the earlier ones wrote may be shared again."""
        self._by_address = {}
        self._taken = set()

    def _persistent_id(self, obj: Any) -> Any:
        storage = _untyped(obj)
        if storage is None:
            return self._write(obj) if hasattr(obj, "__reduce_package__") else None
        return self._write(_like(obj, self._representative(storage)))

    def _representative(self, storage: Any) -> Any:
        """The storage, on the CPU, whose member holds the content of ``storage``."""
        if (known := self._by_address.get(storage._cdata)) is not None:
            return known
        self._alive.append(storage)
        content = storage.cpu()
        alike = self._by_content.setdefault((content.nbytes(), zlib.crc32(_array(content)[:_HEAD])), [])
        free = (other for other in alike if id(other) not in self._taken and _equal(other, content))
        found = next(free, None)
        if found is None:
            alike.append(content)
            found = content
        self._by_address[storage._cdata] = found
        self._taken.add(id(found))
        return found


def without_content(exporter: PackageExporter) -> None:
    """Let an exporter name storages as it would, but write none of them."""
    write = exporter._persistent_id

    def persistent_id(obj: Any) -> Any:
        storage = _untyped(obj)
        if storage is None:
            return write(obj) if hasattr(obj, "__reduce_package__") else None
        return write(_like(obj, type(storage)(0)))

    exporter._persistent_id = persistent_id


@contextlib.contextmanager
def reproducible_pickles() -> Iterator[None]:
    """Pickle storages outside of torch.package's own pickles from the CPU, and without their address.

    e3nn keeps pickles inside pickles. Their storages are pickled by ``torch.storage``, as ``torch.save`` in
    its legacy format, which writes the address of the storage and the device it is on (2.13,
    ``torch/storage.py:245`` and ``:1247``). The zip format, which torch reads since 1.6, has no address.
    """
    import torch

    kinds = (torch.UntypedStorage, torch.storage.TypedStorage)
    before = [kind.__reduce__ for kind in kinds]
    for kind in kinds:
        kind.__reduce__ = _reduce
    try:
        yield
    finally:
        for kind, reduce in zip(kinds, before, strict=True):
            kind.__reduce__ = reduce


def _reduce(storage: Any) -> tuple[Any, tuple[bytes]]:
    import torch

    buffer = io.BytesIO()
    torch.save(storage.cpu(), buffer)
    return torch.storage._load_from_bytes, (buffer.getvalue(),)


def _untyped(obj: Any) -> Any:
    import torch

    if isinstance(obj, torch.UntypedStorage):
        return obj
    return obj._untyped_storage if isinstance(obj, torch.storage.TypedStorage) else None


def _like(obj: Any, storage: Any) -> Any:
    """``storage`` as the kind of object that ``obj`` is: bare bytes, or numbers of some type."""
    import torch

    if isinstance(obj, torch.UntypedStorage):
        return storage
    return torch.storage.TypedStorage(wrap_storage=storage, dtype=obj.dtype, _internal=True)


def _tensor(storage: Any) -> Any:
    import torch

    return torch.empty(0, dtype=torch.uint8).set_(storage)


def _array(storage: Any) -> Any:
    return _tensor(storage).numpy()


def _equal(first: Any, second: Any) -> bool:
    import torch

    return first.nbytes() == second.nbytes() and bool(torch.equal(_tensor(first), _tensor(second)))
