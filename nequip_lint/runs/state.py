"""What running code reads and assigns to."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from nequip_lint.facts.values import Facts
from nequip_lint.project.model import Project
from nequip_lint.runs.functions import Functions
from nequip_lint.runs.life import packaged_files, running

_ByPart = dict[str, list[tuple[Facts, str]]]


class State(NamedTuple):
    """Dotted names that functions read and store, each with its file, by each part of the name."""

    reads: _ByPart
    stores: _ByPart


@lru_cache(maxsize=4)
def used_later(project: Project) -> State:
    """What the functions do that a load or a call of the packaged model reaches.

    Args:
        project: the project.
    """
    functions = Functions(packaged_files(project), project.sources)
    found = [function for key in running(project) if key.name for function in functions.of(key)]
    reads = ((item.facts, name) for item in found for name in item.body.reads)
    stores = ((item.facts, name) for item in found for name in item.body.stores)
    return State(_by_part(reads), _by_part(stores))


def _by_part(names: Iterable[tuple[Facts, str]]) -> _ByPart:
    found: _ByPart = {}
    for facts, name in names:
        for part in set(name.split(".")):
            found.setdefault(part, []).append((facts, name))
    return found
