"""What makes models: the files in which that may happen, and the functions that do it."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from functools import lru_cache

from nequip_lint.facts.details.bodies import SCRIPT
from nequip_lint.facts.names import last_part
from nequip_lint.facts.values import Facts
from nequip_lint.project.about import is_of_pytest
from nequip_lint.project.model import Project
from nequip_lint.project.roots import Definition, definition_of, resolve_local
from nequip_lint.runs.functions import CONSTRUCTORS, Function, Functions, Key
from nequip_lint.runs.life import packaged_files, running

_BUILDERS = ("model_builder", "save_checkpoint")


@lru_cache(maxsize=4)
def building_files(project: Project) -> tuple[Facts, ...]:
    """The linted files in which models may be made.

    They are packaged, run at import, have a model builder or lead from one to a class, or import a class of a
    model or its module, and are part of what is installed.
    """
    classes = {(item.module, item.name) for item in project.candidates if item.module in project.interned}
    modules = {module for module, _ in classes}
    builders = project.built_in
    found = {
        facts.module: facts for facts in project.files if facts.module in builders or _has_builder(facts)
    }
    for facts in project.files:
        if is_of_pytest(facts.module):
            continue
        if facts.module not in found and facts.functions and project.is_shipped(facts.module):
            named = {f"{item.module}.{name}" for item in facts.imports for name, _ in item.names}
            named |= {str(item.module) for item in facts.imports}
            if named & modules or any(
                definition_of(project.sources, name, project.packaged_tops) in classes for name in named
            ):
                found[facts.module] = facts
    return tuple(facts for facts in (found | project.executed).values() if not facts.problem)


def _defined(project: Project, name: str) -> Definition | None:
    return definition_of(project.sources, name, project.packaged_tops)


def _has_builder(facts: Facts) -> bool:
    return any(last_part(facts, name) in _BUILDERS for item in facts.functions for name in item.decorators)


@lru_cache(maxsize=4)
def making(project: Project) -> frozenset[Key]:
    """The functions that make modules of a model, or are called by such, among those that nothing runs later.

    Args:
        project: the project.
    """
    files = {facts.module: facts for facts in (*building_files(project), *packaged_files(project))}
    functions = Functions(files.values(), project.sources)
    idle = {key for key in functions if key.name not in ("", SCRIPT)} - running(project)
    classes = {(item.module, item.name) for item in project.candidates}
    named = {Key(module, "", name) for module, name in project.named}
    found = {
        key
        for key in idle
        if key in named
        or any(_is_builder(function) for function in functions.of(key))
        or _makes(project, functions.of(key), key, classes)
    }
    by_name: dict[str, set[Key]] = {}
    for key in idle:
        by_name.setdefault(key.name, set()).add(key)
    waiting = list(found)
    while waiting:
        read = set(_named(functions.of(waiting.pop())))
        more = set().union(*(by_name.get(name, ()) for name in read)) - found
        found |= more
        waiting += more
    return frozenset(found)


def _is_builder(function: Function) -> bool:
    return any(last_part(function.facts, name) in _BUILDERS for name in function.body.decorators)


def _makes(project: Project, found: list[Function], key: Key, classes: set[tuple[str, str]]) -> bool:
    is_of_class = key[:2] in classes
    named = {name for _, name in classes}
    if is_of_class and key.name in CONSTRUCTORS:
        return True
    for function in found:
        called = {item.name for item in function.body.calls}
        if is_of_class and "cls" in called:
            return True
        full = filter(None, map(function.full, called))
        ours = (name for name in full if name.rpartition(".")[2] in named)
        if any(_defined(project, name) in classes for name in ours):
            return True
        if _calls_local(function, called):
            read = (function.full(name) for name in function.body.reads if name.rpartition(".")[2] in named)
            if any(
                definition_of(project.sources, name, project.packaged_tops) in classes
                for name in read
                if name
            ):
                return True
    return False


def _calls_local(function: Function, called: set[str]) -> bool:
    """Whether a function calls what only it gives a name, as `cls()` after `cls = choose(Model)`."""
    known = {item.name for item in function.facts.bindings} | function.names.keys()
    return any("." not in name and name not in known and not hasattr(builtins, name) for name in called)


def _named(found: list[Function]) -> Iterator[str]:
    for function in found:
        for name in (*function.body.reads, *function.body.stores, *function.body.items):
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
        definition = _defined(project, resolve_local(facts, name))
        if definition is not None:
            yield definition
