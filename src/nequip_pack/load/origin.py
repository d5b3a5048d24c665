"""Which package a fine-tuned model started from, by content, kept where the checkpoint keeps it.

A checkpoint of a fine-tuned model names its origin by path only. So the state dictionary of a model that is
loaded for training gets one more entry, the SHA-256 of the origin; a later load of that state compares it.
Models that are loaded otherwise only compare, once, and keep no trace of it: they may be pickled.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nequip_pack.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

KEY: Final = "nequip_pack_origin"
"""The name of the entry, below the name that the training module has for the models."""

_CHUNK: Final = 1 << 20


def content_hash(path: Path) -> str:
    """The SHA-256 of a file, 64 hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def moved_to(digest: object, folders: Iterable[Path]) -> Path | None:
    """A package of this hash in some folders, or in the folder where nequip keeps what it has downloaded."""
    cache = os.environ.get("NEQUIP_CACHE_DIR") or Path.home() / ".nequip" / "model_cache"
    for folder in dict.fromkeys((*folders, Path(cache))):
        for path in sorted(folder.glob("*.nequip.zip")) if digest else ():
            with contextlib.suppress(OSError):
                if content_hash(path) == digest:
                    return path
    return None


def mark(models: Any, path: Path, *, training: bool) -> None:
    """Let a ``ModuleDict`` tell and compare its origin.

    Args:
        models: as loaded from the package.
        path: the package.
        training: whether its state dictionaries shall carry the origin's hash.
    """
    digest = content_hash(path)

    def before_loading(module: Any, state: dict[str, Any], prefix: str, *rest: Any) -> None:
        trained_on = state.pop(prefix + KEY, digest)
        if not training:
            module._load_state_dict_pre_hooks = OrderedDict(others)
        check_unchanged(path, trained_on, digest)

    others = list(models._load_state_dict_pre_hooks.items())
    models.register_load_state_dict_pre_hook(before_loading)
    if training:
        models.register_state_dict_post_hook(
            lambda module, state, prefix, _: state.update({prefix + KEY: digest})
        )


def check_unchanged(path: Path, trained_on: object, digest: str) -> None:
    """Compare an origin with the one that a model was trained on.

    Raises:
        InputError: if it is another file now.
    """
    if trained_on == digest:
        return
    what = "this package has changed since a model was fine-tuned from it"
    why = f"its SHA-256 was {str(trained_on)[:12]}..., now it is {digest[:12]}..."
    raise InputError(what, where=path, why=why, remedy="put the package back that it was during training")
