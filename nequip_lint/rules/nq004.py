"""NQ004 unchecked-import: an import into an internal package whose source is not at hand."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.closure.packaged import Edge, dependencies
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.values import Chain

_UNREAD = (
    "what {module} brings into a package was not checked, since its source is not at hand",
    "give an environment that has it (--environment), or a nequip-lint that knows this release",
)
_NO_SUCH = (
    "this import fails when it runs: the release at hand has no module {module}, and torch.package "
    "passes over that without a word",
    "check the name and the required release",
)
_COMPUTED = (
    "unregistered libraries were not looked for, since the arguments of this registration are computed",
    "write them as a literal list",
)
"""The messages, each with its help."""


@rule("NQ004")
def unchecked_import(project: Project) -> Iterator[Hit]:
    """One hit for each internal module that could not be followed, and for each computed registration."""
    seen: set[str] = set()
    for (message, help), places in ((_UNREAD, _unfollowed(project)), (_NO_SUCH, _unknown(project))):
        for edge, module, chain in places:
            if module not in seen:
                seen.add(module)
                yield at(edge.importer, edge.item.span, message.format(module=module), help, module, chain)
    for item in project.registrations:
        if (item.extern is None or item.mock is None) and item.facts.module in project.owned:
            yield at(item.facts, item.call.span, *_COMPUTED)


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


def _has_top(project: Project, module: str) -> bool:
    return project.sources.knows(module.partition(".")[0])
