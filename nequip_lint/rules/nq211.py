"""NQ211 import-beyond-top: a relative import with more dots than there are packages around it."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.hazards.imports import BEYOND_TOP, leaving
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, at, rule


@rule("NQ211")
def import_beyond_top(project: Project) -> Iterator[Hit]:
    """One hit for each such import in a packaged file, whether it ever runs or not."""
    for name in project.packaged.of("refused"):
        facts = project.sources.source(name)
        if facts is None or facts.problem or project.patterns.action(name) != "intern":
            continue
        for item in leaving(facts):
            message = (
                f"the build is refused, even if this line never runs: `{item.statement}` leaves the "
                f"top-level package of {name}"
            )
            yield at(facts, item.span, message, BEYOND_TOP.help, chain=project.packaged.chain(name))
