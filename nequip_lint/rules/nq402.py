"""NQ402 unpicklable-attribute: an object kept on a module that cannot be pickled."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.kept import held
from nequip_lint.rules.live import hit

_HELP = "get it where it is used instead of keeping it"


@rule("NQ402")
def unpicklable_attribute(project: Project) -> Iterator[Hit]:
    """One hit for each attribute."""
    for facts, kept in held(project, "native"):
        message = (
            f"the build fails: {kept.spot.owner} keeps {kept.what} in {kept.name}, which cannot be pickled"
        )
        yield hit(project, facts, kept.spot, message, _HELP)
