"""Objects of libraries that a model keeps: pickle names their classes and functions."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.details.kept import Kept
from nequip_lint.facts.values import Facts
from nequip_lint.machine.libraries import known
from nequip_lint.project.model import Project
from nequip_lint.project.roots import definition_of
from nequip_lint.rules.kept import held
from nequip_lint.runs.making import files_of_parts


def of_libraries(project: Project, action: str | None) -> Iterator[tuple[Facts, Kept]]:
    """What a model keeps of libraries that are registered in one way, as far as it is surely named.

    Args:
        project: the project.
        action: `extern`, `mock`, or None for those that nothing registers.
    """
    for category in ("library", "function of a library"):
        for facts, kept in held(project, category):
            is_ours = project.is_third_party(kept.what) and _action(project, kept.what) == action
            is_named = is_ours and _is_named(project, kept.what, is_made=category == "library")
            if is_named and _is_in_the_model(project, facts, kept):
                yield facts, kept


def _is_in_the_model(project: Project, facts: Facts, kept: Kept) -> bool:
    """Whether what keeps an object is itself kept: of modules, own ones that code of the model makes."""
    is_own = facts.module in project.owned and bool(project.ancestry.kind(facts.module, kept.spot.owner))
    return not is_own or facts.module in files_of_parts(project)


def _action(project: Project, name: str) -> str | None:
    """How a name is registered, or else its library."""
    return project.patterns.action(name) or project.patterns.action(name.partition(".")[0])


def _is_named(project: Project, name: str, *, is_made: bool) -> bool:
    """Whether a name is that of a class, or of a function where it is kept itself."""
    entry = known().get(name.partition(".")[0])
    if is_made and entry is not None and name.partition(".")[2] in entry.makes:
        return True
    found = definition_of(project.sources, name)
    facts = project.sources.facts(found[0]) if found is not None else None
    if found is None or facts is None:
        last = name.rpartition(".")[2]
        return last[:1].isupper() and (is_made or not last.isupper())
    names = {item.name for item in facts.classes}
    names |= set() if is_made else {item.name for item in facts.functions}
    return found[1] in names
