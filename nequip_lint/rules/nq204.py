"""NQ204 extension-not-interned: model code that no entry point makes internal."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.closure.packaged import Edge, dependencies, step_of
from nequip_lint.declared.declaring import entry_point, internal_package, place
from nequip_lint.machine.target import covers
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.values import Span


@rule("NQ204")
def extension_not_interned(project: Project) -> Iterator[Hit]:
    """One hit for each top-level package with roots, at the file in which the entry point belongs, and for
    each other one that packaged code imports, at the import.
    """
    yield from _beside(project)
    if not project.uses_nequip:
        return
    for top in sorted(project.uncovered):
        root = next(root for root in project.roots if root.partition(".")[0] == top)
        narrow = [value for value in project.entry_points if covers(frozenset({top}), value)]
        yield Hit(*_place(project, root), _message(root, narrow), entry_point(project.metadata, top), root)
    for value in project.metadata.extensions:
        if ":" in value:
            path, span = _place(project, "")
            message = (
                f"importing nequip fails where this is installed: the entry point {value!r} names an "
                "attribute"
            )
            module = value.partition(":")[0].strip()
            help = f"name the module alone: {module}, and call from it what the object did"
            yield Hit(path, span, message, help, value)


def _beside(project: Project) -> Iterator[Hit]:
    """Modules of the project in no internal package, at the first statement in each file that leads there."""
    seen: set[tuple[str, str]] = set()
    for edge, module in () if project.is_computed else _imports_beside(project):
        top = module.partition(".")[0]
        if (edge.importer.path, top) not in seen:
            seen.add((edge.importer.path, top))
            message = (
                f"the build of every model that uses {edge.importer.module} is refused: {module} belongs to "
                "this project, but to no package that is internal"
            )
            help = _include(project, top)
            chain = (*project.packaged.chain(edge.importer.module), step_of(edge))
            yield at(edge.importer, edge.item.span, message, help, module, chain)


def _imports_beside(project: Project) -> Iterator[tuple[Edge, str]]:
    """The imports, in linted files that are packaged, of linted modules without an action."""
    beside = {name for name in project.packaged.of("refused") if name in project.owned}
    for name in project.interned if beside else ():
        facts = project.owned.get(name)
        for edge, module, _ in dependencies(facts, project.full_world) if facts is not None else ():
            if module in beside and project.patterns.action(module) is None:
                yield edge, module


def _include(project: Project, top: str) -> str:
    given = (
        entry_point(project.metadata, top) if project.uses_nequip else internal_package(project.metadata, top)
    )
    return f"move it into one, or {given}"


def _message(root: str, narrow: list[str]) -> str:
    start = f"the build of every model with classes of {root} is refused: "
    if narrow:
        reason = f"the entry point makes only {narrow[0]} internal"
    else:
        reason = 'no entry point in the group "nequip.extension" makes the package internal'
    return f"{start}{reason}"


def _place(project: Project, root: str) -> tuple[str, Span]:
    """Where entry points stand or belong; without a file for them, the class that needs one."""
    facts = project.owned.get(root)
    found = place(project.metadata)
    if found is not None or facts is None:
        return found or (str(project.metadata.path), Span(1, 1, 1, 1))
    return facts.path, facts.classes[0].span if facts.classes else Span(1, 1, 1, 1)
