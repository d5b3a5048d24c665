"""Real wheels from the package index, unpacked into folders for PYTHONPATH and kept between runs."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

CACHE = Path(__file__).parents[1] / ".cache"


class Unreachable(Exception):
    """Indicates that a real wheel could not be fetched here."""


def fetch_wheel(requirement: str) -> Path:
    """Return a folder with the unpacked wheel of ``requirement`` (``name==version``), cached.

    Raises:
        Unreachable: the index did not give a wheel for this interpreter.
    """
    tag = f"{requirement.replace('==', '-')}-{sys.implementation.cache_tag}"
    unpacked = CACHE / "libs" / tag
    if unpacked.is_dir():
        return unpacked
    wheels = CACHE / "wheels" / tag
    command = [sys.executable, "-m", "pip", "download", requirement, "--no-deps", "--only-binary", ":all:"]
    done = subprocess.run([*command, "-d", str(wheels)], capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise Unreachable(f"{requirement} could not be fetched for this Python: {last}")
    (wheel,) = wheels.glob("*.whl")
    _unpack(wheel, unpacked)
    wheel.unlink()
    return unpacked


def _unpack(wheel: Path, folder: Path) -> None:
    partial = folder.with_name(folder.name + ".partial")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(partial)
    partial.rename(folder)
