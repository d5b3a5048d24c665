"""What this process looked like before any code of a model ran in it; fresh processes start from that.

A model's code may set environment variables and extend `sys.path` when it is imported. A process that
inherited them would find the package whole, and no other process would. So the environment is the one that
this process was started with, as the kernel keeps it, and the path is from before the model's code came.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_KERNEL: Final = Path("/proc/self/environ")
_SET_BY_PYTHON: Final = frozenset({"LC_CTYPE"})
"""Python sets it at its start in the C locale (PEP 538), and would again."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The state of this process at one time.

    Attributes:
        path: where a fresh process shall look for modules, absolute.
        environment: the variables that it shall have.
        packages: the top-level packages that were imported by then.
    """

    path: tuple[str, ...]
    environment: Mapping[str, str]
    packages: frozenset[str]


def now() -> Moment:
    """The state at this moment; the environment is the first one, where the system keeps it."""
    environment = _initial() or dict(os.environ)
    packages = frozenset(name for name in sys.modules if "." not in name)
    return Moment(_path(environment.get("PYTHONPATH", "")), environment, packages)


def before(packages: Collection[str], latest: Moment) -> Moment:
    """The latest known moment at which none of some packages had been imported, else the first one known."""
    return IMPORTED if latest.packages.intersection(packages) else latest


def ran_before(packages: Collection[str]) -> tuple[str, ...]:
    """Those of some packages that were imported before nequip_pack: what they changed cannot be told."""
    return tuple(sorted(IMPORTED.packages.intersection(packages)))


def changes(since: Moment) -> dict[str, str]:
    """What this process has by now and one that starts from an earlier moment does not, in words by name."""
    here, then = os.environ, since.environment
    names = {name for name in {*here, *then} if here.get(name) != then.get(name)} - _SET_BY_PYTHON
    folders = [entry for entry in now().path if entry not in since.path]
    late = "after this process started, so that no other has it"
    return {
        **{name: f"the environment variable {name} was set or changed {late}" for name in sorted(names)},
        **{folder: f"{folder} was added to sys.path {late}" for folder in folders},
    }


def _initial() -> dict[str, str]:
    """The environment that this process was started with; empty where the system does not tell.

    A program that writes its title over that memory leaves no whole variables there.
    """
    try:
        entries = _KERNEL.read_bytes().rstrip(b"\0").split(b"\0")
    except OSError:
        return {}
    pairs = [os.fsdecode(entry).partition("=") for entry in entries]
    return {name: value for name, _, value in pairs} if all(name and sign for name, sign, _ in pairs) else {}


def _path(named: str) -> tuple[str, ...]:
    """`sys.path` without the folder that Python put there for a script, `-m`, or a prompt.

    It is the project's folder as a rule, where a file named `json.py` would run in place of Python's. What
    `PYTHONPATH` names stays.
    """
    wanted = {_absolute(entry) for entry in named.split(os.pathsep) if entry}
    entries = dict.fromkeys(_absolute(entry) for entry in sys.path if entry)
    return tuple(entry for entry in entries if entry in wanted or entry != _PUT_FIRST)


def _absolute(entry: str) -> str:
    try:
        return str(Path(entry).absolute())
    except OSError:  # the working directory is gone
        return entry


def _put_first() -> str | None:
    if getattr(sys.flags, "safe_path", False):
        return None
    main = sys.modules.get("__main__")
    file = getattr(main, "__file__", None)
    if file is None or getattr(main, "__spec__", None) is not None:  # a prompt, `-c`, `-m`
        return _absolute(".")
    return str(Path(file).resolve().parent)


_PUT_FIRST: Final = _put_first()
IMPORTED: Final = now()
"""When nequip_pack was imported."""
