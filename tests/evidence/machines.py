"""The libraries of the machine that builds, as the linter reads them: one folder like its site-packages."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from libraries import write_standins
from reproduce import Machines
from wheels import fetch_wheel

STAND_INS = {
    "fastops": '''\
"""Stands for a library of operators; has what the mutants use, and no compiled code."""


class ParseError(Exception):
    pass


class Thing:
    def __init__(self, value=1):
        self.value = value


def multiply(x, factor):
    return x * factor


def compiled(function):
    return function
'''
}


def site() -> Path:
    """The folder with the installed nequip."""
    spec = importlib.util.find_spec("nequip")
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parents[1]


def environment(machines: Machines, folder: Path) -> Path:
    """What is installed where a machine builds: this environment, and the machine's libraries beside it."""
    if not machines.build:
        return site()
    places = write_standins(machines.standins, folder)
    merged = folder / "site-packages"
    merged.mkdir()
    for name in machines.build:
        for entry in (fetch_wheel(name) if "==" in name else places[name]).iterdir():
            (merged / entry.name).symlink_to(entry)
    for entry in site().iterdir():
        if not (merged / entry.name).exists():
            (merged / entry.name).symlink_to(entry)
    return merged
