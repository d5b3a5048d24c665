"""Packages made by hand, of a few members: an audit needs no real model."""

from __future__ import annotations

import pickle
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

METADATA = """\
atom_types: {0: H}
available_models: [eager]
external_modules: {numpy: null}
package_version_id: 2
versions: {nequip: 0.19.1, e3nn: 0.6.0, torch: 2.13.0}
"""
CLASS = b"import torch\n\n\nclass Net(torch.nn.Module):\n    pass\n"
NET = b"\x80\x02cmine.net\nNet\n)\x81}b."
"""An object of the class above, without a state."""


def small(path: Path, members: Mapping[str, bytes] | None = None, externs: str = "torch") -> Path:
    """A package of a class of unknown origin, with members replaced or added."""
    content = {
        ".data/version": b"6\n",
        ".data/python_version": b"3.11.0",
        ".data/extern_modules": externs.encode(),
        "byteorder": b"little",
        "model/package_metadata.txt": METADATA.encode(),
        "model/config.yaml": b"{}\n",
        "model/eager_model.pkl": NET,
        "model/example_data.pkl": pickle.dumps({}, 2),
        "mine/net.py": CLASS,
        **(members or {}),
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in content.items():
            archive.writestr(zipfile.ZipInfo(f"archive/{name}"), data)
    return path
