"""NQ401 unpicklable-function: a lambda or a local function kept on a module."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.kept import held
from nequip_lint.rules.live import hit

_HELP = "use a function defined at the top of a module, or look it up by name in forward"


@rule("NQ401")
def unpicklable_function(project: Project) -> Iterator[Hit]:
    """One hit for each attribute."""
    for facts, kept in held(project, "function"):
        message = (
            f"the build fails: {kept.keeper} keeps {kept.what} in {kept.where}, and pickle stores a "
            "function by its name, which leads nowhere"
        )
        yield hit(project, facts, kept.spot, message, _HELP)
