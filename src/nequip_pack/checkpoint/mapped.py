"""A checkpoint mapped into memory: a build loads it several times, and most of it is not needed."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from nequip_pack.checkpoint.configuration import mappings
from nequip_pack.checkpoint.origins import KEYS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ONLY_FOR_TRAINING: Final = ("loss", "train_metrics", "val_metrics", "test_metrics")


@dataclass(slots=True)
class Changes:
    """What the loaded checkpoint says otherwise than the file.

    Attributes:
        model_alone: whether the parts of the training module are left out that only a training needs; nequip
            makes each from its configuration before it loads weights (0.19.1, ``nequip/train/lightning.py``).
        moved: where the files that the model started from lie now, by the place in the checkpoint.
    """

    model_alone: bool = False
    moved: Mapping[str, str] = field(default_factory=dict)

    def make(self, content: Any) -> None:
        """Change what ``torch.load`` returned."""
        given = content.get("hyper_parameters") if isinstance(content, dict) else None
        if not isinstance(given, dict):
            return
        for config in mappings(given.get("model")):
            for key in KEYS:
                place = config.get(key)
                if isinstance(config, dict) and isinstance(place, str):
                    config[key] = self.moved.get(place, place)
        if self.model_alone:
            given.update(dict.fromkeys(_ONLY_FOR_TRAINING))
            state, parts = content["state_dict"], tuple(f"{name}." for name in _ONLY_FOR_TRAINING)
            for key in [key for key in state if key.startswith(parts)]:
                del state[key]


@contextlib.contextmanager
def mapped(path: Path, changes: Changes) -> Iterator[None]:
    """Let ``torch.load`` map one file wherever it is asked for it, by name or as an open file.

    nequip and lightning read a checkpoint twice for each model and once for the data, optimizer states and
    all. The map is private: what is changed in memory never reaches the file.

    Args:
        path: written by ``torch.save`` in its zip format.
        changes: made to all that is loaded from it.
    """
    import torch

    from nequip_pack.checkpoint import lenient

    load = torch.load

    def load_mapped(file: Any, *arguments: Any, **options: Any) -> Any:
        name = file if isinstance(file, (str, os.PathLike)) else getattr(file, "name", None)
        if not isinstance(name, (str, os.PathLike)) or not _is_same(name, path):
            return load(file, *arguments, **options)
        ours = {"mmap": True, "weights_only": False, "pickle_module": lenient}
        content = load(os.fspath(path), *arguments, **{**options, **ours})
        changes.make(content)
        return content

    torch.load = load_mapped
    try:
        yield
    finally:
        torch.load = load


def _is_same(name: str | os.PathLike[str], path: Path) -> bool:
    try:
        return path.samefile(name)
    except OSError:
        return False
