"""Models of nequip.net: a rehearsal takes them from nequip's cache, and downloads nothing."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nequip_pack.errors import EnvironmentLacksError
from nequip_pack.format.sniff import is_model_id

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOAD = "from nequip.model.saved_models import load_saved_model"


def cached_model(name: str) -> Path | None:
    """The file of a model in nequip's cache (0.19.1, ``nequip/utils/model_cache.py``).

    Args:
        name: ``nequip.net:group-name/model-name:version``.
    """
    folder = Path(os.environ.get("NEQUIP_CACHE_DIR") or Path.home() / ".nequip" / "model_cache").expanduser()
    for told in sorted(folder.glob("*.metadata.json")):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            model = told.with_name(told.name.replace(".metadata.json", ".nequip.zip"))
            if name.endswith(f":{json.loads(told.read_bytes()).get('model_id')}") and model.is_file():
                return model
    return None


def not_cached(path: Path, name: str) -> EnvironmentLacksError:
    """The error for a model that has not been downloaded; ``path`` is the configuration."""
    what = f"the configuration needs {name}, and a rehearsal downloads nothing"
    remedy = f"run `python -c '{_LOAD} as load; load(\"{name}\")'`"
    return EnvironmentLacksError(what, where=path, remedy=remedy)


@contextlib.contextmanager
def from_cache_only(path: Path) -> Iterator[None]:
    """Within, nequip looks for models of nequip.net in its cache alone.

    Args:
        path: of the configuration, for messages.
    """
    from nequip.model.saved_models import load_utils

    before = load_utils._get_model_file_path

    @contextlib.contextmanager
    def get(name: Any) -> Iterator[Path]:
        if not is_model_id(str(name)):
            with before(name) as file:
                yield file
        elif (cached := cached_model(str(name))) is None:
            raise not_cached(path, str(name))
        else:
            yield cached

    load_utils._get_model_file_path = get
    try:
        yield
    finally:
        load_utils._get_model_file_path = before
