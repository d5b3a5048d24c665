"""NQ501 newer-syntax: syntax that the lowest Python of the project does not have."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.rules.live import import_of, packaged
from nequip_lint.rules.pythons import pythons, shown

_HELP = "do without it, or raise requires-python"


@rule("NQ501")
def newer_syntax(project: Project) -> Iterator[Hit]:
    """One hit for each file, at the first such statement."""
    lowest = next(iter(pythons(project)), None)
    if lowest is None:
        return
    for facts, details in packaged(project):
        found = next((item for item in details.syntax if lowest < item.since), None)
        if found is not None:
            message = (
                f"{import_of(project, facts.module)} fails on Python {shown(lowest)}, which this project "
                f"allows: {found.name} is syntax of Python {shown(found.since)}"
            )
            chain = project.packaged.chain(facts.module)
            yield at(facts, found.span, message, _HELP, chain=chain)
