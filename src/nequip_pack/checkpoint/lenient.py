"""Takes the place of the module ``pickle`` in ``torch.load``: what cannot be imported here stops nothing.

A checkpoint of lightning holds the state of callbacks, of the data module and of optimizers, which may be of
classes that only the training had. None of that goes into a package.
"""

from __future__ import annotations

import pickle
from typing import Any

from nequip_pack.checkpoint.header import Opaque


class Unpickler(pickle.Unpickler):
    """Builds an inert object in place of one whose class or function cannot be imported."""

    def find_class(self, module: str, name: str) -> Any:
        """The class or function of this name, or the stand-in for it."""
        try:
            return super().find_class(module, name)
        except Exception:
            return Opaque
