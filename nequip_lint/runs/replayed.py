"""Which modules run before a model is made, and which of them run again when its package is loaded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from nequip_lint.closure.import_time import import_time_set
from nequip_lint.closure.packaged import packaged_set
from nequip_lint.facts.values import Facts
from nequip_lint.project.about import is_of_pytest
from nequip_lint.project.model import Project
from nequip_lint.runs.functions import Key
from nequip_lint.runs.life import life, packaged_files, running
from nequip_lint.runs.making import building_files, files_of_parts, making

_DISCOVERIES = ("pkgutil.iter_modules", "pkgutil.walk_packages")
_DYNAMIC = ("importlib.import_module", "__import__")
_LOOKING = re.compile(rb"pkgutil|importlib|__import__")
"""What a file says that does either."""


@lru_cache(maxsize=4)
def replayed(project: Project) -> frozenset[str]:
    """The packaged modules that a load or a use of the model runs."""
    return _run_by(project, running(project))


@lru_cache(maxsize=4)
def needed(project: Project) -> frozenset[str]:
    """The packaged modules that a load or a call of the model runs."""
    return _run_by(project, frozenset((*life(project).load, *life(project).forward)))


def _run_by(project: Project, keys: frozenset[Key]) -> frozenset[str]:
    builders = _builders(project)
    starts = {*project.roots, *files_of_parts(project)} - builders
    kept = frozenset(project.interned)
    if builders:
        kept = frozenset(packaged_set(tuple(sorted(starts)), project.full_world).of("intern"))
    found = frozenset(import_time_set(starts, project.full_world, kept.__contains__))
    while more := frozenset(_inner(project, packaged_files(project), keys, found)) & kept - found:
        found |= frozenset(import_time_set(more, project.full_world, kept.__contains__))
    return found


def _builders(project: Project) -> set[str]:
    """The roots without a class that a pickle could name: only a builder stands there."""
    found = (project.owned[root] for root in project.roots if root in project.owned)
    builders = {facts.module for facts in found if not facts.classes and facts.functions}
    return builders if builders != set(project.roots) or project.candidates else set()


@lru_cache(maxsize=4)
def not_replayed(project: Project) -> tuple[Facts, ...]:
    """The linted modules that run before a model is made, and not when its package is loaded."""
    starts = {*project.executed, *(facts.module for facts in building_files(project))} - set(project.interned)
    starts |= {*replayed(project), *project.entry_points, *project.roots}
    found: dict[str, Facts] = {}
    waiting = starts
    while waiting:
        more = import_time_set(waiting, project.full_world, project.owned.__contains__)
        files = [facts for name, facts in more.items() if name not in found and not facts.problem]
        found |= {facts.module: facts for facts in files}
        inner = set(_inner(project, files, making(project), frozenset(found)))
        waiting = {name for name in (*inner, *_discovered(project, files)) if name in project.owned} - set(
            found
        )
    known = replayed(project)
    return tuple(facts for name, facts in found.items() if name not in known and not is_of_pytest(name))


def _inner(
    project: Project, files: Iterable[Facts], keys: frozenset[Key], known: frozenset[str]
) -> Iterator[str]:
    """The modules that some functions import."""
    modules = {key.module for key in keys}
    for facts in files:
        is_asked = facts.module in modules
        imports = [item for item in facts.imports if is_asked and not item.place.at_import and item.module]
        bodies = project.sources.details(facts).bodies if imports else ()
        for body in bodies:
            if Key(facts.module, body.owner, body.name) not in keys or not body.name:
                continue
            for item in imports:
                if body.span.line <= item.span.line <= body.span.end_line:
                    yield str(item.module)
                    yield from (f"{item.module}.{name}" for name, _ in item.names)


def _discovered(project: Project, files: Iterable[Facts]) -> Iterator[str]:
    """The modules below a package that imports whatever it finds there."""
    for facts in files:
        if not project.sources.mentions(facts, _LOOKING):
            continue
        calls = project.sources.details(facts).invocations
        if any(call.name in _DISCOVERIES for call in calls) or any(
            call.name in _DYNAMIC and call.first is not None and call.first.string is None for call in calls
        ):
            package = facts.module if facts.is_package else facts.module.rpartition(".")[0]
            yield from (name for name in project.owned if name.startswith(f"{package}."))
