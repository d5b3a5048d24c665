"""Where caches lie: below the user's folder for them, each version of our code in a folder of its own."""

from __future__ import annotations

import os
import sys

from nequip_lint import __version__
from nequip_lint.cache.store import key_of


def version_folder(kind: str, stamps: object) -> str | None:
    """The folder that a kind of entries has to itself, in this version of what makes them.

    Args:
        kind: of entries; '' for facts.
        stamps: what tells this version from others.

    Returns:
        None where this user has no folder for caches.
    """
    base = _base()
    if base is None:
        return None
    version = digest(repr((sys.version, stamps)))
    return os.path.join(base, "nequip-lint", f"{__version__}-{sys.implementation.cache_tag}-{kind}{version}")  # noqa: PTH118  pathlib costs more


def _base() -> str | None:
    """The user's folder for caches; a relative one counts for nothing, as the XDG specification says."""
    given = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(given):  # noqa: PTH117  a text, not a path yet
        return given
    home = os.path.expanduser("~")  # noqa: PTH111  pathlib costs more
    return None if home == "~" else os.path.join(home, ".cache")  # noqa: PTH118  pathlib costs more


def digest(text: str) -> str:
    """Letters that stand for a text in the name of a file."""
    return key_of(text.encode("utf-8", "surrogatepass"))[:8].hex()
