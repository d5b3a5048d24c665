"""Which names the standard library of this Python has, read from its files, nothing imported."""

from __future__ import annotations

import os
import sys
from functools import cache
from pathlib import Path
from typing import NamedTuple

from nequip_lint.tables import table

_LIB = Path(os.__file__).parent
DISALLOWED = frozenset({"sys", "io"})
"""Never externed implicitly (`torch/package/package_exporter.py` 2.13: `_DISALLOWED_MODULES`)."""
HERE = (sys.version_info[0], sys.version_info[1])


class Span(NamedTuple):
    """The minor versions of Python 3 that have something: from the first, up to the second."""

    since: int = 0
    until: int = 99

    def has(self, python: tuple[int, int]) -> bool:
        """Whether a Python has it."""
        return self.since <= python[1] < self.until


@cache
def spans() -> dict[str, Span]:
    """The modules of the standard library, and the names in its modules, that only some Pythons have."""
    known = table("python")
    first = {name: version_of(text)[1] for text, names in known["added"].items() for name in names}
    last = {name: version_of(text)[1] for text, names in known["removed"].items() for name in names}
    return {name: Span(first.get(name, 0), last.get(name, 99)) for name in first | last}


@cache
def pythons() -> tuple[tuple[int, int], ...]:
    """The Pythons that a package may meet, oldest first."""
    known = table("python")
    oldest, newest = version_of(known["oldest"]), version_of(known["newest"])
    return tuple((oldest[0], minor) for minor in range(oldest[1], newest[1] + 1))


@cache
def unloaded() -> frozenset[str]:
    """The submodules that a process with torch has only where something imports them."""
    return frozenset(table("python")["unloaded"])


def version_of(text: str) -> tuple[int, int]:
    """The Python that a text such as `3.11` names."""
    major, _, minor = text.partition(".")
    return int(major), int(minor)


def is_stdlib(module: str, python: tuple[int, int] = HERE) -> bool:
    """Whether the top-level name of `module` belongs to the standard library of a Python."""
    return module.partition(".")[0] in _names(python)


def is_implicitly_external(module: str, python: tuple[int, int] = HERE) -> bool:
    """Whether torch.package externs `module` before it looks at any pattern."""
    top = module.partition(".")[0]
    return top == "torch" or (top in _names(python) and top not in DISALLOWED)


@cache
def _names(python: tuple[int, int]) -> frozenset[str]:
    if python == HERE:
        return sys.stdlib_module_names
    tops = {name: span for name, span in spans().items() if "." not in name}
    missing = {name for name, span in tops.items() if not span.has(python)}
    return (sys.stdlib_module_names | tops.keys()) - missing


@cache
def has(module: str) -> bool:
    """Whether a module of the standard library exists; submodules are those of this Python.

    Args:
        module: its dotted name, the top-level name being one of the standard library's.
    """
    top, dot, _ = module.partition(".")
    if not dot or top not in sys.stdlib_module_names:
        return True
    if module in table("python")["made_at_import"]:
        return spans().get(module, Span()).has(HERE)
    base = _LIB.joinpath(*module.split("."))
    return base.with_suffix(".py").is_file() or (base / "__init__.py").is_file()
