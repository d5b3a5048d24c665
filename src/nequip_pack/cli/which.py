"""Which distribution answers to ``nequip-package``: nequip installs a script of that name too."""

from __future__ import annotations

import shutil
from pathlib import Path

_MARK = b"nequip_pack"
_SIZE = 4096


def describe() -> str:
    """Where this code is, and whose ``nequip-package`` is on the path."""
    here = Path(__file__).resolve().parents[1]
    found = shutil.which("nequip-package")
    if found is None:
        return f"from {here}; no nequip-package on the path"
    owner = "nequip-pack" if _is_ours(Path(found)) else "another distribution"
    return f"from {here}; {found} belongs to {owner}"


def _is_ours(script: Path) -> bool:
    try:
        with script.open("rb") as stream:
            head = stream.read(_SIZE)
            stream.seek(0, 2)
            stream.seek(max(0, stream.tell() - _SIZE))
            return _MARK in head or _MARK in stream.read()
    except OSError:
        return True
