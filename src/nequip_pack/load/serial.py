"""One load at a time, with every storage on the CPU.

e3nn keeps pickles inside pickles, whose tensors were written by ``torch.save`` with the device they were on.
The ``map_location`` of a load does not reach them, so a package built on a GPU would not load without one.
They are read by ``torch.storage._load_from_bytes``, which is replaced here while a package is loaded.
"""

from __future__ import annotations

import contextlib
import io
import threading
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOCK = threading.RLock()


@contextlib.contextmanager
def loading() -> Iterator[None]:
    """Hold the lock (torch's importer is not thread-safe) and send nested storages of this thread to the CPU.

    Other threads keep torch's own function in effect.
    """
    import torch

    with _LOCK, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="TypedStorage is deprecated")
        original = torch.storage._load_from_bytes
        owner = threading.get_ident()

        def load_from_bytes(content: bytes) -> Any:
            if threading.get_ident() != owner:
                return original(content)
            return torch.load(io.BytesIO(content), map_location="cpu", weights_only=False)

        torch.storage._load_from_bytes = load_from_bytes
        try:
            yield
        finally:
            torch.storage._load_from_bytes = original
