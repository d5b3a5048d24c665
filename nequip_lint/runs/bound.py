"""What a load binds to names, and whether a call of the model reads it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from nequip_lint.facts.values import Facts
from nequip_lint.project.model import Project
from nequip_lint.project.roots import definition_of
from nequip_lint.runs.at_import import called_at_import
from nequip_lint.runs.callees import Callees, made_by, own_name
from nequip_lint.runs.functions import Key
from nequip_lint.runs.later import in_forward, is_attribute_read, read_in_forward
from nequip_lint.runs.life import packaged_files, packaged_functions
from nequip_lint.runs.replayed import replayed


def is_read_later(project: Project, facts: Facts, bound: str) -> bool:
    """Whether a call of the model reads a name that a file binds at its top, or in the body of a class.

    Args:
        project: the project.
        facts: of the file.
        bound: the name, after that of the class.
    """
    if facts.module not in replayed(project):
        return False
    owner, _, name = bound.rpartition(".")
    if owner:
        return any(read.rpartition(".")[2] == name for read in _attributes_in_forward(project, facts, owner))
    return f"{facts.module}.{bound}" in read_in_forward(project)


@lru_cache(maxsize=4)
def results(project: Project) -> Mapping[Key, frozenset[tuple[str, str]]]:
    """The functions that packaged modules call for what they bind, each with these modules and names."""
    callees = Callees(packaged_functions(project), project.sources)
    found: dict[Key, set[tuple[str, str]]] = {}
    for facts in packaged_files(project):
        for item in project.sources.details(facts).held:
            called = (one.key for name in item.names for one in callees.of(facts, "", name))
            for key in _with_called(project, callees, called):
                found.setdefault(key, set()).add((facts.module, item.name))
    return {key: frozenset(names) for key, names in found.items()}


def _with_called(project: Project, callees: Callees, starts: Iterable[Key]) -> set[Key]:
    """Functions, and those that they call."""
    waiting = list(starts)
    found = set(waiting)
    for key in waiting:
        for function in packaged_functions(project).of(key):
            called = (callees.of(function.facts, key.owner, call.name) for call in function.body.calls)
            more = {item.key for items in called for item in items} - found
            found |= more
            waiting += more
    return found


def is_result_read(project: Project, key: Key) -> bool:
    """Whether a call of the model reads a name that a module binds to what a function gives.

    Args:
        project: the project.
        key: the function.
    """
    return _is_any_read(project, results(project).get(key, frozenset()))


def is_set_read(project: Project, key: Key) -> bool:
    """Whether a function that a load certainly calls sets something that a call of the model reads.

    Args:
        project: the project.
        key: the function.
    """
    bodies = packaged_functions(project).of(key) if key in called_at_import(project) else []
    return any(
        is_attribute_read(project, name) if "." in name else is_made_read(project, function.facts, name)
        for function in bodies
        for name in function.body.stores | function.body.items
    )


def is_made_read(project: Project, facts: Facts, bound: str) -> bool:
    """Whether a call of the model reads a name, or one at module level that is made of it.

    Args:
        project: the project.
        facts: of the file.
        bound: the name, after that of the class.
    """
    return _is_any_read(project, frozenset([(facts.module, bound)]))


def _is_any_read(project: Project, names: frozenset[tuple[str, str]]) -> bool:
    every = _derived(project, names) if names else ()
    return any(is_read_later(project, project.sourced[module], name) for module, name in every)


def _derived(project: Project, names: frozenset[tuple[str, str]]) -> set[tuple[str, str]]:
    """Names, and those that are made of them."""
    waiting = list(names)
    found = set(waiting)
    for name in waiting:
        more = _made_of(project).get(name, frozenset()) - found
        found |= more
        waiting += more
    return found


@lru_cache(maxsize=4)
def _made_of(project: Project) -> Mapping[tuple[str, str], frozenset[tuple[str, str]]]:
    """The names at module level that others are made of, each with these."""
    found: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for facts in packaged_files(project):
        for item in project.sources.details(facts).held:
            for name in item.names:
                inner = definition_of(project.sources, own_name(facts, name), project.packaged_tops)
                if inner is not None:
                    found.setdefault(inner, set()).add((facts.module, item.name))
    return {name: frozenset(others) for name, others in found.items()}


def _attributes_in_forward(project: Project, facts: Facts, owner: str) -> Iterator[str]:
    """What a call of the model reads of a class of a file and of its objects."""
    for other, body in in_forward(project):
        for read in body.reads:
            head = read.partition(".")[0]
            is_own = head in ("self", "cls") and (other.module, body.owner) == (facts.module, owner)
            if is_own or _is_of_class(project, facts, owner, own_name(other, read)):
                yield read


def _is_of_class(project: Project, facts: Facts, owner: str, name: str) -> bool:
    """Whether a name is that of an attribute of a class, or of an object of it at the top of a module."""
    if name.startswith(f"{facts.module}.{owner}."):
        return True
    found = definition_of(project.sources, name, project.packaged_tops)
    inner = project.sources.facts(found[0]) if found is not None else None
    if found is None or inner is None or "." not in found[1]:
        return False
    made = made_by(inner, found[1].partition(".")[0])
    return bool(made) and definition_of(project.sources, own_name(inner, made)) == (facts.module, owner)
