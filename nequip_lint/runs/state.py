"""What running code reads and assigns to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from nequip_lint.facts.details.bodies import Body
from nequip_lint.facts.values import Facts
from nequip_lint.project.model import Project
from nequip_lint.runs.fallbacks import fallbacks
from nequip_lint.runs.functions import Function, Key
from nequip_lint.runs.life import WITH_CLASS, life, packaged_functions, running

_Use = tuple[Facts, str, str]
_ByPart = dict[str, list[_Use]]


class State(NamedTuple):
    """Dotted names that functions read and store, each after its file and class, by each part of the name.

    What an import binds is found by the name that it has where it is defined, too. What code only puts
    something into, and what stands in for an argument that the model has kept, is not read.
    """

    reads: _ByPart
    stores: _ByPart


@lru_cache(maxsize=4)
def used_later(project: Project) -> State:
    """What the functions do that a load or a call of the packaged model reaches.

    Args:
        project: the project.
    """
    functions = packaged_functions(project)
    lasting = _after_import(project)
    reads = (read for key in running(project) if key.name for read in _read(project, key, key in lasting))
    stores = ((item, name) for key in lasting for item in functions.of(key) for name in _set(item.body))
    return State(_by_part(reads), _by_part(stores))


def _read(project: Project, key: Key, is_lasting: bool) -> Iterator[tuple[Function, str]]:
    """What a function reads; what it adds to while modules are imported, it reads only for that."""
    for item in packaged_functions(project).of(key):
        added = frozenset() if is_lasting else item.body.items | item.body.changes
        unread = item.body.filled | added | fallbacks(project).unread(item.facts, item.body)
        yield from ((item, name) for name in item.body.reads - unread)


def _after_import(project: Project) -> tuple[Key, ...]:
    """The functions that run when modules have been imported: what these run of them is another matter."""
    ways = ((key, life(project).way_to(key)[0]) for key in sorted(running(project)) if key.name)
    return tuple(key for key, first in ways if first.name not in ("", *WITH_CLASS))


def _set(body: Body) -> frozenset[str]:
    return body.stores | body.items | body.changes


def _by_part(names: Iterable[tuple[Function, str]]) -> _ByPart:
    found: _ByPart = {}
    for function, name in names:
        parts = name.split(".")
        for part in {*parts, function.full(parts[0]).rpartition(".")[2]}:
            found.setdefault(part, []).append((function.facts, function.body.owner, name))
    return found
