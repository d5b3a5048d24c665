"""The machine that loads a package, and what the package tells about the one that built it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from nequip_lint.machine.libraries import is_optional
from nequip_lint.machine.standard_library import is_stdlib
from nequip_lint.machine.target import Target


class Machine(NamedTuple):
    """The machine that is asked about.

    `python` is None for the Python that built the package. `present` are external libraries to take as
    installed, `absent` those to take as missing. All others are taken as installed, unless they were absent
    when the package was built or exist on some machines only.
    """

    python: tuple[int, int] | None = None
    gpu: bool = False
    present: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()


class Built(NamedTuple):
    """What a package tells beside its source.

    `roots` are the modules of it that the models' pickles name, `externals` the modules that its importer
    looks up outside. `versions` are those of registered libraries at the build, None for an absent one, and
    `python` is the Python that built it. `mocks` are the registered mocks that it reached and did not find.
    """

    roots: tuple[str, ...]
    externals: frozenset[str]
    versions: Mapping[str, str | None]
    python: tuple[int, int]
    mocks: frozenset[str] = frozenset()


def target_of(machine: Machine, built: Built) -> Target:
    """The machine, with what a package tells about its external libraries."""
    tops = {name.partition(".")[0] for name in built.externals}
    missing = {top for top in tops if is_optional(top) or _was_absent(top, built)}
    return Target(
        "",
        machine.python or built.python,
        machine.gpu,
        machine.present,
        frozenset((missing - machine.present) | machine.absent),
        others="present",
        triton=built.versions.get("triton") or "",
    )


def _was_absent(top: str, built: Built) -> bool:
    return built.versions.get(top, "") is None and not is_stdlib(top)
