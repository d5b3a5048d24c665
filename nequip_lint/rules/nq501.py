"""NQ501 newer-syntax: syntax that the lowest Python of the project does not have."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.probed import hit, packaged
from nequip_lint.rules.pythons import pythons

_HELP = "do without it, or raise requires-python"


@rule("NQ501")
def newer_syntax(project: Project) -> Iterator[Hit]:
    """One hit for each file, at the first such statement."""
    for facts in packaged(project):
        for probe in facts.probes:
            if probe.kind != "syntax":
                continue
            major, _, minor = probe.detail[0].partition(".")
            allowed = pythons(project)
            if allowed and allowed[0] < (int(major), int(minor)):
                lowest = f"{allowed[0][0]}.{allowed[0][1]}"
                message = (
                    f"a package does not load on Python {lowest}, which this project allows: {probe.name} is "
                    f"syntax of Python {probe.detail[0]}"
                )
                yield hit(project, facts, probe, message, _HELP)
                break
