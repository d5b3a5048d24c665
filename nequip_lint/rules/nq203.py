"""NQ203 heavy-import-root: a package root that drags in libraries nobody registered."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.closure.packaged import packaged_set
from nequip_lint.facts.values import Import
from nequip_lint.project.model import Project
from nequip_lint.project.roots import definition_of
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.rules.refused import Refusal, refusals


@rule("NQ203")
def heavy_import_root(project: Project) -> Iterator[Hit]:
    """One hit for each statement in the linted files that leads to a heavy root."""
    by_statement: dict[tuple[str, int, int], list[Refusal]] = {}
    for refusal in refusals(project):
        if refusal.heavy:
            facts, item = refusal.edge
            by_statement.setdefault((facts.path, item.span.line, item.span.column), []).append(refusal)
    for group in by_statement.values():
        facts, item = group[0].edge
        message, help = _message(item, group), _help(project, item)
        yield at(facts, item.span, message, help, group[0].heavy, group[0].chain)


def _message(item: Import, group: list[Refusal]) -> str:
    libraries = ", ".join(sorted({refusal.module.partition(".")[0] for refusal in group}))
    return (
        f"the build is refused: `{item.statement}` brings {group[0].heavy}/__init__ into the package, and "
        f"with it {libraries}, for which nothing is registered"
    )


def _help(project: Project, item: Import) -> str:
    better = _narrower(project, item)
    if better:
        return f"write `{'; '.join(better)}`"
    return (
        "import from the submodule that defines what you need, or move this import out of the modules that "
        "models are made of"
    )


def _narrower(project: Project, item: Import) -> list[str]:
    """The narrow imports that replace a `from` import, all with a clean closure; empty where one has none."""
    found: list[str] = []
    for name, bound in item.names:
        definition = definition_of(project.sources, f"{item.module}.{name}")
        if definition is None or definition[0] == item.module or not _is_clean(project, definition[0]):
            return []
        alias = "" if bound == definition[1] else f" as {bound}"
        found.append(f"from {definition[0]} import {definition[1]}{alias}")
    return found


def _is_clean(project: Project, module: str) -> bool:
    return not packaged_set([module], project.full_world).of("refused")
