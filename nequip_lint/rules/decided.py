"""What is decided for a library of one project, for NQ201 and `nequip-lint registrations` alike."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from nequip_lint.declared.wheels import Wheel, wheel
from nequip_lint.project.model import Project
from nequip_lint.rules.decisions import Decision, Reached, decide
from nequip_lint.rules.refused import Refusal, is_imported_here, refusals
from nequip_lint.rules.usage import uses_in


def decision_on(project: Project, library: str) -> Decision:
    """What to do about an unregistered library.

    Args:
        project: the project.
        library: the top-level import name.
    """
    way = ways_to_missing(project).get(library, Reached())
    return decide(project, library, uses_in(project).get(library, ()), shipped_with(project, library), way)


def shipped_with(project: Project, library: str) -> Wheel | None:
    """What is installed of a library, where an environment is read."""
    return wheel(project.sources.installed, library) if project.sources.installed else None


@lru_cache(maxsize=4)
def ways_to_missing(project: Project) -> dict[str, Reached]:
    """How packaged code comes to each library without an action: heavily only if there is no other way."""
    found: dict[str, list[Refusal]] = {}
    for item in refusals(project):
        if project.patterns.action(item.module) is None:
            found.setdefault(item.module.partition(".")[0], []).append(item)
    return {library: _reached(project, library, items) for library, items in found.items()}


def _reached(project: Project, library: str, items: Sequence[Refusal]) -> Reached:
    chosen = next((item for item in items if not item.heavy), items[0])
    importer = "" if is_imported_here(project, library) else chosen.chain[-1].module
    return Reached(chosen.chain, chosen.heavy, importer)
