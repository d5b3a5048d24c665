"""The Pythons on which a package of a project may be loaded."""

from __future__ import annotations

import re
from functools import lru_cache

from nequip_lint.machine import standard_library as stdlib
from nequip_lint.project.model import Project

_BOUND = re.compile(r"(>=|~=|>|<=|<)\s*(\d+)\.(\d+)")


def pythons(project: Project) -> tuple[tuple[int, int], ...]:
    """The versions that the project's metadata and `target-python` allow, lowest first."""
    low, high = _declared(project.metadata.python)
    target = project.metadata.settings.get("target-python")
    if isinstance(target, str):
        low = stdlib.version_of(target)
    return tuple(version for version in stdlib.pythons() if low <= version <= high)


@lru_cache(maxsize=8)
def _declared(text: str) -> tuple[tuple[int, int], tuple[int, int]]:
    low, high = stdlib.pythons()[0], stdlib.pythons()[-1]
    for sign, major, minor in _BOUND.findall(text):
        version = (int(major), int(minor))
        if version[0] != 3:
            continue
        if sign in (">=", "~="):
            low = version
        elif sign == ">":
            low = (3, version[1] + 1)
        else:
            high = version if sign == "<=" else (3, version[1] - 1)
    return low, high


def shown(version: tuple[int, int]) -> str:
    """A version as people write it."""
    return f"{version[0]}.{version[1]}"
