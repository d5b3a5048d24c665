"""Processes to run and archives to alter, for the tests of this folder."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warm import new_python, warm_python

from nequip_pack.format import open_archive
from nequip_pack.format.manifest import MEMBER, add_manifest

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "nequip-pack: error: "


NOT_HERE = """
for name in ("nequip", "e3nn"):
    try:
        __import__(name)
    except ImportError:
        continue
    raise SystemExit(f"{name} could be imported, so this proves nothing")
"""
"""The end of a script for a :class:`BareEnvironment`."""


def python(*words: str, cwd: Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run this Python in another process, a new one where more than its environment is given."""
    run = warm_python if options.keys() <= {"env"} else new_python
    return run(*words, cwd=cwd, **options)


def pack(*words: object, cwd: Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run ``nequip-pack`` as users do, in a process of its own."""
    return python("-m", "nequip_pack", *map(str, words), cwd=cwd, **options)


def new_pack(*words: object, cwd: Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run ``nequip-pack`` in a process that is no fork."""
    return new_python("-m", "nequip_pack", *map(str, words), cwd=cwd, **options)


def checked(done: subprocess.CompletedProcess[str]) -> subprocess.CompletedProcess[str]:
    """The same, if it succeeded."""
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def error_line(done: subprocess.CompletedProcess[str], code: int) -> str:
    """The one error line of a run that must end with ``code`` and without a traceback."""
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith(PREFIX)]
    assert len(lines) == 1, done.stderr
    assert done.stderr.splitlines()[-1] == lines[0]
    return lines[0].removeprefix(PREFIX)


@dataclass(frozen=True, slots=True)
class BareEnvironment:
    """An environment with what a load needs, where nequip, e3nn and allegro are not installed at all."""

    folder: Path

    def python(
        self, *arguments: str, cwd: Path, code: Path | None = None, variables: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run Python without the site packages of this interpreter, but with the links in ``folder``.

        Args:
            arguments: for Python.
            cwd: the working directory.
            code: a folder from which modules can be imported too.
            variables: more of the environment.
        """
        path = os.pathsep.join(map(str, filter(None, [code, self.folder])))
        environment = {**os.environ, "PYTHONPATH": path, "PYTHONNOUSERSITE": "1", **(variables or {})}
        return warm_python(*arguments, cwd=cwd, env=environment, site=self.folder)


def bare(folder: Path) -> BareEnvironment:
    """Links in ``folder`` to everything installed here but nequip, e3nn and allegro."""
    for name in ("nequip_pack", "nequip_lint"):
        spec = importlib.util.find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        (folder / name).symlink_to(Path(spec.origin).parent)
    (folder / "rules").symlink_to(Path(__file__).parents[2] / "rules")
    for place in map(Path, sys.path):
        if place.name in ("site-packages", "dist-packages"):
            _link(place, folder)
    return BareEnvironment(folder)


def _link(place: Path, folder: Path) -> None:
    for entry in place.iterdir():
        package = entry.name.split("-")[0].lower()
        if package in ("nequip", "nequip_allegro", "allegro", "e3nn") or entry.suffix == ".pth":
            continue
        if not (folder / entry.name).is_symlink():
            (folder / entry.name).symlink_to(entry)


def rewrite(package: Path, target: Path, members: Mapping[str, bytes | None]) -> Path:
    """A copy of a zip archive with members replaced or added (below its prefix), or left out (``None``).

    A manifest that is left out is made anew, because a package of ours without one is damaged.
    """
    without(package, target, *members)
    with zipfile.ZipFile(target, "a") as copy:
        for name, content in members.items():
            if content is not None:
                copy.writestr(f"{_prefix(copy)}/{name}", content)
    if members.get(MEMBER, b"") is None and MEMBER in open_archive(package).members:
        with target.open("r+b") as stream:
            add_manifest(stream)
    return target


def without(package: Path, target: Path, *members: str) -> Path:
    """A copy of a zip archive that lacks some members (below its prefix)."""
    with zipfile.ZipFile(package) as source, zipfile.ZipFile(target, "w") as copy:
        for name in source.namelist():
            if name.partition("/")[2] not in members:
                copy.writestr(name, source.read(name))
    return target


def _prefix(archive: zipfile.ZipFile) -> str:
    return archive.namelist()[0].partition("/")[0]
