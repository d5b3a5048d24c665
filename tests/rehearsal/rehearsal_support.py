"""Configurations to rehearse, and how to do it in another process."""

from __future__ import annotations

import copy
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from warm import warm_python

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "nequip-pack: error: "


def changed(settings: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration with values set by dotted key; ``None`` takes the key away."""
    made = copy.deepcopy(dict(settings))
    for key, value in changes.items():
        *above, last = key.split(".")
        place = made
        for name in above:
            place = place[name]
        if value is None:
            del place[last]
        else:
            place[last] = value
    return made


def configure(folder: Path, settings: Mapping[str, Any], name: str = "config") -> Path:
    """Write a configuration into a folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(dict(settings)))
    return path


def rehearse(
    config: Path, *words: object, cwd: Path, code: Path | None = None, temporary: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run ``nequip-pack rehearse`` on a configuration, as users do, in a process of its own.

    Args:
        config: the file.
        words: more arguments.
        cwd: the working directory.
        code: a folder that modules can be imported from.
        temporary: takes the place of the system's folder for temporary files.
    """
    paths = filter(None, [code and str(code), os.environ.get("PYTHONPATH")])
    variables = {"PYTHONPATH": os.pathsep.join(paths), "TMPDIR": str(temporary) if temporary else ""}
    environment = {**os.environ, **{name: value for name, value in variables.items() if value}}
    which = ["-cp", str(config.parent), "-cn", config.stem]
    return warm_python("-m", "nequip_pack", "rehearse", *which, *map(str, words), cwd=cwd, env=environment)


def checked(done: subprocess.CompletedProcess[str]) -> subprocess.CompletedProcess[str]:
    """The same, if it succeeded."""
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def inside(folder: Path) -> list[str]:
    """Everything in a folder, however deep."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))
