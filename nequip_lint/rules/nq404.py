"""NQ404 replaced-method: a method replaced on the instance."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.held import held
from nequip_lint.rules.probed import hit

_HELP = "override the method in a subclass"


@rule("NQ404")
def replaced_method(project: Project) -> Iterator[Hit]:
    """One hit for each attribute."""
    for facts, probe in held(project, "method"):
        what = probe.detail[1]
        message = (
            f"the package does not load: {probe.owner} replaces {probe.name.removeprefix('self.')} on the "
            f"instance by the function {what}, and a load looks for a method of that name in the class"
        )
        yield hit(project, facts, probe, message, _HELP)
