"""A callback of the training tests: what a training has that nothing beside it may change."""

from __future__ import annotations

import hashlib
import json
import os
import random
import sys
import warnings
from pathlib import Path

import numpy as np
import torch
from lightning.pytorch import Callback


class Witness(Callback):
    """Writes down the state of the process when fitting starts.

    Args:
        name: of the file, which goes into the working directory.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def on_fit_start(self, trainer: object, pl_module: torch.nn.Module) -> None:
        """Callbacks are called in their order, so that two of these enclose a third."""
        weights = b"".join(value.detach().numpy().tobytes() for value in pl_module.parameters())
        state = {
            "random numbers": [
                repr(random.getstate()),
                repr(np.random.get_state()),
                repr(torch.get_rng_state().tolist()),
            ],
            "weights": repr(weights),
            "modes": repr([module.training for module in pl_module.modules()]),
            "environment": repr(sorted(os.environ.items())),
            "folder": str(Path.cwd()),
            "path": repr(sys.path),
            "finders": repr(sys.meta_path),
            "warnings": repr(warnings.filters),
            "threads": repr((torch.get_num_threads(), torch.get_default_dtype())),
            "gpu": repr(torch.cuda.is_initialized()),
        }
        digests = {key: hashlib.sha256(repr(value).encode()).hexdigest() for key, value in state.items()}
        Path(f"{self._name}.json").write_text(json.dumps(digests))
