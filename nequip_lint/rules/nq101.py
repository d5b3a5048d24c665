"""NQ101 eager-optional-import: a library that may be missing, imported when the module is."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from nequip_lint.closure.packaged import dependencies
from nequip_lint.facts.values import Facts, Import
from nequip_lint.machine.evaluate import Judge, catches
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, at, rule

_HELP = "import it inside the functions that use it"


@rule("NQ101")
def eager_optional_import(project: Project) -> Iterator[Hit]:
    """One hit for each library and file, at the first such import."""
    for facts in project.executed.values():
        seen: set[str] = set()
        for item in _eager(project, facts):
            top = (item.module or "").partition(".")[0]
            if top not in seen:
                seen.add(top)
                chain = project.packaged.chain(facts.module)
                yield at(facts, item.span, _message(project, facts, top), _HELP, chain=chain, detail=top)


def _eager(project: Project, facts: Facts) -> Iterator[Import]:
    world = project.bare_world
    judge = Judge(facts, world.target, world.importable)
    for item in facts.imports:
        if not item.place.at_import or item.module is None:
            continue
        if not project.is_third_party(item.module) or project.is_required(item.module):
            continue
        if judge.all(item.place.guards) and not catches(item.place.caught, "ModuleNotFoundError"):
            yield item


def _message(project: Project, facts: Facts, top: str) -> str:
    module = facts.module
    if _is_reached(project, module):
        loss = f"built where {top} is not installed, a package lacks {module}, and nothing says so"
    else:
        loss = f"where {top} is not installed, the model can be neither built nor loaded"
    return f"{loss}: {module} imports {top} at its top, although nothing requires it"


def _is_reached(project: Project, module: str) -> bool:
    """Whether the packaged set has a module for another reason than being a root."""
    if module not in project.roots:
        return module in project.packaged.modules
    named = _named(project)
    waiting = [root for root in project.roots if root != module]
    seen = set(waiting)
    while waiting and module not in seen:
        found = named.get(waiting.pop(), frozenset()) - seen
        seen |= found
        waiting += found
    return module in seen


@lru_cache(maxsize=4)
def _named(project: Project) -> dict[str, frozenset[str]]:
    """What the imports of each packaged file name."""
    world, closure = project.full_world, project.packaged
    kept = [facts for name in closure.of("intern") if (facts := project.sources.facts(name)) is not None]
    return {facts.module: frozenset(name for _, name, _ in dependencies(facts, world)) for facts in kept}
