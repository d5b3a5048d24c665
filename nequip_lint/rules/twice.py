"""Answers that a model keeps and asks for again, and that differ once it is loaded."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from nequip_lint.facts.details.bodies import Body
from nequip_lint.facts.details.spots import Spot
from nequip_lint.facts.values import AT_IMPORT, Facts
from nequip_lint.project.model import Project
from nequip_lint.rules.live import packaged
from nequip_lint.runs.at_import import called_at_import
from nequip_lint.runs.bound import is_made_read, is_result_read
from nequip_lint.runs.callees import Callees
from nequip_lint.runs.functions import CONSTRUCTORS, Functions, Key
from nequip_lint.runs.later import is_attribute_read
from nequip_lint.runs.life import life, packaged_files, packaged_functions, reached
from nequip_lint.runs.making import building_files, making

_CALLED = ("id", "hash")
_MODULE = "__module__"
_TEXT = "the text of a class"
RUNS, LOADED = "it runs", "its package is loaded"
"""When a model asks again."""


class _Asking(NamedTuple):
    """A place where a function asks for something."""

    facts: Facts
    key: Key
    spot: Spot
    what: str


def asked_twice(project: Project) -> Iterator[tuple[Facts, Spot, str, str]]:
    """The places where a loaded model asks for such an answer, of which its construction asked too."""
    made = _made(project)
    then = {item.what for item in _asking(project) if item.key in made}
    numbered = _numbered(project)
    running = life(project).forward
    for item in _asking(project):
        shown = f"{item.what}()" if item.what in _CALLED else item.what
        is_asked = item.what in then or (item.what == "id" and _reads(project, item.key, numbered))
        if is_asked and item.key in running and not _is_made_anew(project, item.key):
            yield item.facts, item.spot, shown, RUNS
        elif item.what in then and item.what in (_MODULE, _TEXT) and _is_key(project, item.key):
            yield item.facts, item.spot, shown, LOADED


def _made(project: Project) -> frozenset[Key]:
    """The functions that run when a model is made."""
    functions = packaged_functions(project)
    at_import = called_at_import(project)
    starts = [key for key in functions if key.name in CONSTRUCTORS or key in making(project)]
    return frozenset(reached((key for key in starts if key not in at_import), functions))


def _numbered(project: Project) -> frozenset[str]:
    """The attributes that get numbers of objects for files which make models and need not be packaged."""
    files = {facts.module: facts for facts in (*building_files(project), *packaged_files(project))}
    built = reached(making(project), Functions(files.values(), project.sources))
    return frozenset(
        item.name
        for facts, details in packaged(project)
        for item in details.numbered
        if Key(facts.module, item.spot.owner, item.spot.function) in built
    )


def _reads(project: Project, key: Key, names: frozenset[str]) -> bool:
    """Whether a function reads one of some attributes, and not only to fill it."""
    bodies = (function.body for function in packaged_functions(project).of(key))
    return any(not names.isdisjoint(body.reads - body.filled) for body in bodies)


@lru_cache(maxsize=4)
def _asking(project: Project) -> tuple[_Asking, ...]:
    """All such places in packaged files."""
    found = []
    for facts, details in packaged(project):
        for text in details.class_texts:
            key = Key(facts.module, text.spot.owner, text.spot.function)
            found += [_Asking(facts, key, text.spot, _TEXT)] if _is_of_use(project, key) else []
        for body in details.bodies:
            key = Key(facts.module, body.owner, body.name)
            for what in _asked(body) if _is_of_use(project, key) else ():
                span = next((call.span for call in body.calls if call.name == what), body.span)
                spot = Spot(span, AT_IMPORT._replace(at_import=False), body.owner, body.name)
                found.append(_Asking(facts, key, spot, what))
    return tuple(found)


def _is_of_use(project: Project, key: Key) -> bool:
    bodies = (function.body for function in packaged_functions(project).of(key))
    return any(key.name and (body.gives or body.stores or body.items or body.changes) for body in bodies)


def _asked(body: Body) -> Iterator[str]:
    yield from sorted({call.name for call in body.calls if call.name in _CALLED})
    if any(read.endswith(f".{_MODULE}") for read in body.reads):
        yield _MODULE


def _is_made_anew(project: Project, key: Key) -> bool:
    """Whether a load asks too, for the objects that it restores."""
    return any(item.name == "__setstate__" for item in life(project).way_to(key))


def _is_key(project: Project, key: Key) -> bool:
    """Whether a load calls a function too, for the keys of a table that a call of the model reads."""
    if is_result_read(project, key):
        return True
    at_import = called_at_import(project)
    functions = packaged_functions(project)
    callers = (one for one in at_import if one == key or key in _called(project, one))
    return key in at_import and any(
        _is_filled_table_read(project, function.facts, function.body)
        for caller in callers
        for function in functions.of(caller)
    )


def _called(project: Project, caller: Key) -> Iterator[Key]:
    """What a function certainly calls."""
    callees = Callees(packaged_functions(project), project.sources)
    for function in packaged_functions(project).of(caller):
        for call in function.body.calls:
            yield from (one.key for one in callees.of(function.facts, caller.owner, call.name))


def _is_filled_table_read(project: Project, facts: Facts, body: Body) -> bool:
    return any(
        is_attribute_read(project, name) if "." in name else is_made_read(project, facts, name)
        for name in body.items | body.changes
    )
