"""Other Pythons of this machine, for what only they can show."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache

import pytest


@cache
def interpreter(major: int, minor: int) -> str:
    """The interpreter of a version from the path or from pyenv; skips the test where there is none."""
    name = f"python{major}.{minor}"
    found = shutil.which(name)
    if shutil.which("pyenv"):
        prefix = ["pyenv", "prefix", f"{major}.{minor}"]
        done = subprocess.run(prefix, capture_output=True, text=True, check=False)
        found = shutil.which(name, path=f"{done.stdout.strip()}/bin") if done.returncode == 0 else found
    if found is None or subprocess.run([found, "-c", ""], capture_output=True, check=False).returncode:
        pytest.skip(f"there is no Python {major}.{minor} here")
    return found
