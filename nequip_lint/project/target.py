"""The machine and the packager that a prediction is for."""

from __future__ import annotations

import sys
from typing import NamedTuple


class Target(NamedTuple):
    """One building machine.

    `present` and `absent` are top-level import names; a library in neither is present where the
    sources at hand hold it. `everything` asks for the largest closure: every library present and a
    GPU at work, so that no module is dropped.
    """

    packager: str = "torch"
    python: tuple[int, int] = (sys.version_info[0], sys.version_info[1])
    gpu: bool = False
    present: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()
    everything: bool = False
    triton: str = ""


class Patterns(NamedTuple):
    """Import names per action; each covers its submodules, mock wins over extern, extern over intern."""

    intern: frozenset[str] = frozenset()
    extern: frozenset[str] = frozenset()
    mock: frozenset[str] = frozenset()

    def action(self, module: str) -> str | None:
        """`mock`, `extern` or `intern`, in the order in which nequip registers them; None without a match."""
        for action in ("mock", "extern", "intern"):
            names: frozenset[str] = getattr(self, action)
            if covers(names, module):
                return action
        return None


def covers(names: frozenset[str], module: str) -> bool:
    """Whether `module` or one of its parents is among `names`."""
    while module:
        if module in names:
            return True
        module = module.rpartition(".")[0]
    return False
