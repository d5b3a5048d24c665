"""NQ004 unchecked-import: an import into an internal package whose source is not at hand."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.closure.packaged import Edge, dependencies
from nequip_lint.facts.values import Facts
from nequip_lint.hazards.hazard import Event
from nequip_lint.hazards.imports import unusable_libraries
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.rules.executed import bitten
from nequip_lint.values import Chain

_UNREAD = (
    "what {module} brings into a package was not checked, since its source is not at hand",
    "install {top} in {place}; a newer nequip-lint may know this release of it",
)
_NO_SUCH = (
    "this import fails when it runs: the release at hand has no module {module}, and torch.package "
    "passes over that without a word",
    "check the name and the required release",
)
_UNREQUIRED = (
    "whether every machine that builds this model has {top} was not checked: what is required by "
    "{unread} is not known",
    "add {top} to the requirements, or install the project in {place}",
)
_COMPUTED = (
    "unregistered libraries were not looked for, since the arguments of this registration are computed",
    "write them as a literal list",
)
"""The messages, each with its help."""
_READ = "the environment that is read"
_TO_READ = "an environment that is read (.venv in the project, or --environment PATH)"


@rule("NQ004")
def unchecked_import(project: Project) -> Iterator[Hit]:
    """One hit for each file and module that could not be followed, for each library of which it is not
    known whether requirements bring it, and for each computed registration.
    """
    seen: set[tuple[str, str]] = set()
    place = _READ if project.sources.installed else _TO_READ
    for (message, help), places in ((_UNREAD, _unfollowed(project)), (_NO_SUCH, _unknown(project))):
        for edge, module, chain in places:
            if (edge.importer.path, module) not in seen:
                seen.add((edge.importer.path, module))
                told = message.format(module=module), help.format(top=module.partition(".")[0], place=place)
                yield at(edge.importer, edge.item.span, *told, module, chain)
    for facts, event in _unrequired(project):
        (top,) = event.why.parts
        if (facts.path, top) not in seen:
            seen.add((facts.path, top))
            message, help = (t.format(top=top, unread=_unread(project), place=place) for t in _UNREQUIRED)
            yield at(facts, event.span, message, help, top, project.packaged.chain(facts.module))
    for item in project.registrations:
        if (item.extern is None or item.mock is None) and item.facts.module in project.owned:
            yield at(item.facts, item.call.span, *_COMPUTED, detail="computed")


def _unfollowed(project: Project) -> Iterator[tuple[Edge, str, Chain]]:
    closure, world = project.packaged, project.full_world
    for name in closure.of("intern"):
        facts = project.owned.get(name)
        if facts is None or facts.problem:
            continue
        for edge, module, _ in dependencies(facts, world):
            verdict = closure.modules.get(module)
            if (
                verdict is not None
                and verdict.action == "intern"
                and verdict.reason
                and module not in project.owned
            ):
                yield edge, module, closure.chain(name)


def _unknown(project: Project) -> Iterator[tuple[Edge, str, Chain]]:
    """Imports, outside of any guard, of modules that an internal package at hand does not have."""
    closure, sources = project.packaged, project.sources
    for name in closure.of("intern"):
        facts = project.owned.get(name)
        for item in facts.imports if facts is not None else ():
            module = item.module or ""
            internal = project.patterns.action(module) == "intern" and module not in project.owned
            is_guarded = item.place.guards or item.place.caught
            if not is_guarded and internal and _has_top(project, module) and sources.location(module) is None:
                assert facts is not None
                yield Edge(facts, item), module, closure.chain(name)


def _unrequired(project: Project) -> Iterator[tuple[Facts, Event]]:
    """Imports that fail unless requirements of which nothing is known bring the library."""
    machines = [project.barest_world] if project.unread else []
    for facts, event in bitten(project, unusable_libraries, machines):
        (top,) = event.why.parts
        if project.is_third_party(top) and project.bare_world.present(top) is None:
            yield facts, event


def _unread(project: Project) -> str:
    first, *others = sorted(project.unread)
    return f"{first} and {len(others)} more" if others else first


def _has_top(project: Project, module: str) -> bool:
    return project.sources.knows(module.partition(".")[0])
