"""NQ405 unpicklable-class: an object whose class cannot be found by its name."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.held import held
from nequip_lint.rules.probed import hit


@rule("NQ405")
def unpicklable_class(project: Project) -> Iterator[Hit]:
    """One hit for each attribute."""
    for facts, probe in held(project, "class"):
        what = probe.detail[1]
        message = (
            f"{probe.owner} keeps {what} in {probe.name}: pickle stores an object with the name of its "
            "class, which "
            "leads nowhere, and the build fails; define the class at the top of a module, under its own name"
        )
        yield hit(project, facts, probe, message)
