"""Which file an address of the protocol means, however it is written."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlsplit

from pygls.uris import to_fs_path

_HERE = ("", "localhost")


def path_of(address: str) -> Path | None:
    """The file of an address, links resolved as the linter does; None where it means none.

    Args:
        address: as the client writes it. Texts that have no file yet have one of another scheme; escapes of
            bytes that are no UTF-8 belong to file names that are none.
    """
    try:
        parts = urlsplit(address)
        if parts.scheme != "file" or parts.netloc not in _HERE:
            return None
        text = to_fs_path(address) if os.name == "nt" else os.fsdecode(unquote_to_bytes(parts.path))
        return Path(text).resolve() if text and os.path.isabs(text) else None  # noqa: PTH117
    except (ValueError, OSError, RuntimeError):  # no address, a NUL byte, links in a circle
        return None
