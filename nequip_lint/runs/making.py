"""What makes models: the files in which that may happen, and the functions that do it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from nequip_lint.facts.values import Facts
from nequip_lint.project.model import Project
from nequip_lint.project.roots import definition_of, resolve_local
from nequip_lint.runs.functions import CONSTRUCTORS, Function, Functions, Key
from nequip_lint.runs.life import packaged_files, running

_BUILDERS = ("model_builder", "save_checkpoint")


def building_files(project: Project) -> list[Facts]:
    """The linted files in which models may be made: packaged, run at import, or with a model builder."""
    found = {facts.module: facts for facts in project.files if _has_builder(facts)}
    return [facts for facts in (found | project.executed).values() if not facts.problem]


def _has_builder(facts: Facts) -> bool:
    return any(name.rpartition(".")[2] in _BUILDERS for item in facts.functions for name in item.decorators)


@lru_cache(maxsize=4)
def making(project: Project) -> frozenset[Key]:
    """The functions that make modules of a model, or are called by such, among those that nothing runs later.

    Args:
        project: the project.
    """
    files = {facts.module: facts for facts in (*building_files(project), *packaged_files(project))}
    functions = Functions(files.values(), project.sources)
    idle = {key for key in functions if key.name} - running(project)
    classes = {(item.module, item.name) for item in project.candidates}
    found = {key for key in idle if _makes(project, functions.of(key), key, classes)}
    by_name: dict[str, set[Key]] = {}
    for key in idle:
        by_name.setdefault(key.name, set()).add(key)
    waiting = list(found)
    while waiting:
        named = set(_named(functions.of(waiting.pop())))
        more = set().union(*(by_name.get(name, ()) for name in named)) - found
        found |= more
        waiting += more
    return frozenset(found)


def _makes(project: Project, found: list[Function], key: Key, classes: set[tuple[str, str]]) -> bool:
    is_of_class = key[:2] in classes
    named = {name for _, name in classes}
    if is_of_class and key.name in CONSTRUCTORS:
        return True
    for function in found:
        called = {name for name, _ in function.body.calls}
        if is_of_class and "cls" in called:
            return True
        full = filter(None, map(function.full, called))
        ours = (name for name in full if name.rpartition(".")[2] in named)
        if any(definition_of(project.sources, name) in classes for name in ours):
            return True
    return False


def _named(found: list[Function]) -> Iterator[str]:
    for function in found:
        for name in (*function.body.reads, *function.body.stores):
            yield from name.split(".")


@lru_cache(maxsize=4)
def files_of_parts(project: Project) -> frozenset[str]:
    """The linted modules whose objects a model may hold, those of its roots included.

    Args:
        project: the project.
    """
    classes = {(item.module, item.name) for item in project.candidates}
    found = set(project.roots)
    waiting = [project.owned[root] for root in project.roots if root in project.owned]
    while waiting:
        made = {module for module, name in _made(project, waiting.pop()) if (module, name) in classes}
        waiting += [project.owned[module] for module in made - found]
        found |= made
    return frozenset(found)


def _made(project: Project, facts: Facts) -> Iterator[tuple[str, str]]:
    for name in project.sources.details(facts).constructs:
        definition = definition_of(project.sources, resolve_local(facts, name))
        if definition is not None:
            yield definition
