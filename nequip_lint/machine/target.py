"""The machine and the packager that a prediction is for."""

from __future__ import annotations

import sys
from collections.abc import Container, Mapping
from typing import Literal, NamedTuple

Others = Literal["known", "installed", "absent", "present", "unread"]


class Target(NamedTuple):
    """One building machine.

    `present` and `absent` are top-level import names of libraries. `others` says what holds for a
    library in neither: `present`; `absent`; `installed`: present where the sources at hand hold it, else
    absent; `known`: the same, but otherwise not known; `unread`: not known, but absent where it is one that
    no requirement brings everywhere. `triton` is the installed version, '' for none.
    `environment` holds the environment variables; None where they are not known.
    `cuda_build` tells whether torch is built with CUDA; None where that is not known. `broken` are those of
    the absent libraries that are installed, and raise when they are imported.
    """

    packager: str = "torch"
    python: tuple[int, int] = (sys.version_info[0], sys.version_info[1])
    gpu: bool = False
    present: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()
    others: Others = "known"
    triton: str = ""
    environment: Mapping[str, str] | None = None
    cuda_build: bool | None = None
    broken: frozenset[str] = frozenset()

    @property
    def machine(self) -> str:
        """The machine in words, without the packager."""
        gpu = "a GPU" if self.gpu else "no GPU"
        absent = f", without {', '.join(sorted(self.absent))}" if self.absent else ""
        return f"Python {self.python[0]}.{self.python[1]}, {gpu}{absent}"


EVERYTHING = Target(gpu=True, others="present")
"""A machine with every library and a GPU at work: nothing is dropped there, the closure is the largest."""


class Patterns(NamedTuple):
    """Import names per action; each covers its submodules, mock wins over extern, extern over intern."""

    intern: frozenset[str] = frozenset()
    extern: frozenset[str] = frozenset()
    mock: frozenset[str] = frozenset()

    def action(self, module: str) -> str | None:
        """`mock`, `extern` or `intern`, in the order in which nequip registers them; None without a match."""
        if covers(self.mock, module):
            return "mock"
        if covers(self.extern, module):
            return "extern"
        return "intern" if covers(self.intern, module) else None


def covers(names: Container[str], module: str) -> bool:
    """Whether `module` or one of its parents is among `names`."""
    return bool(covering(names, module))


def covering(names: Container[str], module: str) -> str:
    """The first of `module` and its parents that is among `names`, '' where none is."""
    while module and module not in names:
        module = module.rpartition(".")[0]
    return module
