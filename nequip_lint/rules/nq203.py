"""NQ203 heavy-import-root: a package root that drags in libraries nobody registered."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.values import Facts, Import
from nequip_lint.project.model import Project
from nequip_lint.project.roots import definition_of
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.rules.dead_ends import asked_of, is_clean, is_dead_end, passage
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
        message, help = _message(item, group), _help(project, group)
        yield at(facts, item.span, message, help, group[0].heavy, group[0].chain)


def _message(item: Import, group: list[Refusal]) -> str:
    module = group[0].edge.importer.module
    libraries = ", ".join(sorted({refusal.module.partition(".")[0] for refusal in group}))
    return (
        f"the build of every model that uses {module} is refused: `{item.statement}` brings "
        f"{group[0].heavy}/__init__ into the package, and with it {libraries}, for which nothing is "
        "registered"
    )


def _help(project: Project, group: list[Refusal]) -> str:
    better = _narrower(project, *group[0].edge)
    if better:
        return f"write `{'; '.join(better)}`"
    libraries = {item.module.partition(".")[0] for item in group if is_dead_end(project, item)}
    if libraries:
        return _let_through(project, sorted(libraries))
    return (
        "import from the submodule that defines what you need, or move this import out of the modules that "
        "models are made of"
    )


def _let_through(project: Project, libraries: list[str]) -> str:
    """The registrations for what no other import avoids."""
    found = {name: passage(project, name) for name in libraries}
    why = "; ".join(f"{name} as {item.action}: {item.why}" for name, item in found.items())
    named = {
        action: [name for name, item in found.items() if item.action == action]
        for action in ("extern", "mock")
    }
    if project.uses_nequip:
        lines = [f"register_libraries_as_external_for_packaging({_given(named, ', ', '{}_modules={}')})"]
    else:
        lines = ["[tool.nequip-lint]", _given(named, "\n", "{}-modules = {}")]
    start = f"move this import out of the modules that models are made of, or let it through ({why})"
    return "\n".join((f"{start}; no narrower import avoids it:", *lines))


def _given(named: dict[str, list[str]], separator: str, form: str) -> str:
    quoted = {
        action: "[" + ", ".join(f'"{name}"' for name in names) + "]"
        for action, names in named.items()
        if names
    }
    return separator.join(form.format(action, names) for action, names in quoted.items())


def _narrower(project: Project, facts: Facts, item: Import) -> list[str]:
    """The narrow imports that replace one, all with a clean closure; empty where some name has none."""
    bound = {f"{item.module}.{name}": bound for name, bound in item.names}
    found: list[str] = []
    for name in asked_of(project, facts, item):
        definition = definition_of(project.sources, name)
        if definition is None or definition[0] == item.module or not is_clean(project, definition[0]):
            return []
        alias = "" if bound.get(name, definition[1]) == definition[1] else f" as {bound[name]}"
        found.append(f"from {definition[0]} import {definition[1]}{alias}")
    return found
