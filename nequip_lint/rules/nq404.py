"""NQ404 replaced-method: a method replaced on the instance."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.kept import held
from nequip_lint.rules.live import hit

_HELP = "override the method in a subclass"


@rule("NQ404")
def replaced_method(project: Project) -> Iterator[Hit]:
    """One hit for each attribute."""
    for facts, kept in held(project, "method"):
        message = (
            f"the package does not load: {kept.keeper} replaces {kept.name.removeprefix('self.')} on the "
            f"instance by the function {kept.what}, and a load looks for a method of that name in the class"
        )
        yield hit(project, facts, kept.spot, message, _HELP)
