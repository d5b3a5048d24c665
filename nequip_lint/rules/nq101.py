"""NQ101 eager-optional-import: a library that may be missing, imported when the module is."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from nequip_lint.closure.packaged import dependencies
from nequip_lint.declared.installed import are_installed, distributions, owner_of
from nequip_lint.facts.details.spots import Spot
from nequip_lint.facts.names import resolve
from nequip_lint.facts.values import Facts, LibraryUse
from nequip_lint.hazards.gpu_decorators import FACTORY
from nequip_lint.hazards.imports import unusable_libraries
from nequip_lint.machine.evaluate import catches
from nequip_lint.machine.libraries import is_optional
from nequip_lint.project.extensions import extension
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.executed import bitten, hit_in
from nequip_lint.rules.live import hit, live
from nequip_lint.rules.of_libraries import of_libraries
from nequip_lint.runs.at_import import is_certain_at_import

_HELP = "import it inside the functions that use it"
_HELP_KEPT = "make it when it is first used, and leave it out of what is pickled (__getstate__)"
_KERNELS = f"make the kernels when they are first needed, by a function that their users call:\n{FACTORY}"


@rule("NQ101")
def eager_optional_import(project: Project) -> Iterator[Hit]:
    """One hit for each library and file, at the first such import."""
    seen: set[tuple[str, str]] = set()
    for facts, event in bitten(project, unusable_libraries, [project.bare_world]):
        (top,) = event.why.parts
        is_new = (facts.module, top) not in seen and project.is_third_party(top)
        if is_new and _is_optional(project, facts, top) and not _is_undeclared(project, facts, top):
            seen.add((facts.module, top))
            yield hit_in(project, facts, event.span, _message(project, facts, top), _help(facts, top), top)
    for facts, spot, module in _called(project):
        top = module.partition(".")[0]
        is_new = (facts.module, top) not in seen and project.is_third_party(top)
        if is_new and project.bare_world.present(module) is False and not _is_undeclared(project, facts, top):
            seen.add((facts.module, top))
            yield hit_in(project, facts, spot.span, _message(project, facts, top), _help(facts, top), top)
    yield from _kept(project, {top for _, top in seen})


def _kept(project: Project, told: set[str]) -> Iterator[Hit]:
    """The objects of such a library that own classes keep, of which no import tells."""
    for facts, kept in of_libraries(project, "extern"):
        top = kept.what.partition(".")[0]
        is_told = top in told or project.is_required(top) or facts.module not in project.owned
        if not is_told and _is_optional(project, facts, top) and _is_tried(project, facts, top):
            told.add(top)
            message = (
                f"where {top} is not installed, a package that was built with it does not load: "
                f"{kept.keeper} keeps an object of {kept.what} in {kept.where}, which the pickle names"
            )
            yield hit(project, facts, kept.spot, message, _HELP_KEPT)


def _is_tried(project: Project, facts: Facts, top: str) -> bool:
    """Whether the code gets along without a library, so that it is not one that everybody has."""
    imports = (item for found in project.owned.values() for item in found.imports)
    ours = [item.place for item in imports if (item.module or "").partition(".")[0] == top]
    return bool(ours) and all(catches(place.caught, "ImportError") or place.guards for place in ours)


def _called(project: Project) -> Iterator[tuple[Facts, Spot, str]]:
    """The imports of functions that a load calls while it imports, and what it asks importlib for then."""
    for facts, item in live(project, lambda details: details.late_imports):
        yield from _certain(project, facts, item.spot, item.module)
    for facts, call in live(project, lambda details: details.invocations):
        given = call.first.string if call.first is not None else None
        if call.name == "importlib.import_module" and given:
            yield from _certain(project, facts, call.spot, given)


def _certain(project: Project, facts: Facts, spot: Spot, module: str) -> Iterator[tuple[Facts, Spot, str]]:
    if facts.module in project.owned and is_certain_at_import(project, facts, spot):
        yield facts, spot, module


def _is_undeclared(project: Project, facts: Facts, top: str) -> bool:
    """Whether NQ201 or NQ205 ask for a requirement: on an extension that a packaged file imports."""
    is_packaged = facts.module in project.interned
    return project.uses_nequip and is_packaged and bool(extension(top))


def _is_optional(project: Project, facts: Facts, top: str) -> bool:
    """Whether it is certain that a library may be missing.

    An installed package may get it from a requirement that is not at hand, and so cannot be followed.
    """
    if facts.module in project.owned or is_optional(top):
        return True
    known = distributions(project.sources.installed)
    owner = owner_of(facts.module, known)
    return owner is None or are_installed(owner.requirements, known)


def _message(project: Project, facts: Facts, top: str) -> str:
    module = facts.module
    if _is_reached(project, module):
        loss = f"built where {top} is not installed, a package lacks {module}, and nothing says so"
    else:
        loss = f"where {top} is not installed, the model can be neither built nor loaded"
    return f"{loss}: {module} imports {top} at its top, although nothing requires it"


def _help(facts: Facts, top: str) -> str:
    """The help: for kernels, which are made where the file is imported, another one."""
    decorated = any(resolve(facts, item.name).startswith("triton.") for item in facts.decorations)
    used = any(item.how == "decorator" and _top_of(facts, item) == top for item in facts.library_uses)
    return _KERNELS if top == "triton" and (decorated or used) else _HELP


def _top_of(facts: Facts, use: LibraryUse) -> str:
    return resolve(facts, use.name).partition(".")[0]


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
