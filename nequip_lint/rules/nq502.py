"""NQ502 newer-or-removed-stdlib: a module of the standard library that some Python does not have."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.hazards.hazard import may_bite
from nequip_lint.hazards.imports import NOT_IN_PYTHON, not_in_python
from nequip_lint.hazards.scene import Scene
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.executed import hit_in
from nequip_lint.rules.live import import_of
from nequip_lint.rules.pythons import pythons
from nequip_lint.runs.life import packaged_files
from nequip_lint.values import Span


@rule("NQ502")
def newer_or_removed_stdlib(project: Project) -> Iterator[Hit]:
    """One hit for each import at load that fails on a Python which the project allows."""
    worlds = [project.world(project.full_world.target._replace(python=python)) for python in pythons(project)]
    for facts in packaged_files(project):
        bad: dict[tuple[Span, str], list[str]] = {}
        for world in worlds:
            scene = Scene(facts, world)
            for event in not_in_python.events(scene):
                if may_bite(event, scene.judge):
                    name, python = event.why.parts
                    bad.setdefault((event.span, name), []).append(python)
        for (span, name), versions in bad.items():
            message = (
                f"{import_of(project, facts.module)} fails on Python {', '.join(versions)}, which this "
                f"project allows: {name} is not in the standard library there"
            )
            yield hit_in(project, facts, span, message, NOT_IN_PYTHON.help)
