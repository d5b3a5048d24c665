"""NQ107 stop-at-import: a module that raises or exits when it is imported."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.values import Condition, Stop
from nequip_lint.hazards.scene import Scene
from nequip_lint.hazards.stops import HELP, message
from nequip_lint.machine.evaluate import Judge, surely_misses
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.executed import hit_in


@rule("NQ107")
def stop_at_import(project: Project) -> Iterator[Hit]:
    """One hit for each module-level `raise` or exit that some machine may come across.

    An `assert` counts only where it is known to fail, and a demand of a GPU is NQ103's.
    """
    bare = project.bare_world
    for facts in project.executed.values():
        judge = Scene(facts, bare).judge
        with_gpu = Judge(facts, bare.target._replace(gpu=True), bare.importable)
        for stop in facts.stops:
            if _may_stop(stop, judge) and with_gpu.all(stop.place.guards) is not False:
                yield hit_in(project, facts, stop.span, message(facts, stop), HELP)


def _may_stop(stop: Stop, judge: Judge) -> bool:
    is_passed_on = surely_misses(stop.place.caught, stop.exception)
    if not is_passed_on or any("importable" in _kinds(guard) for guard in stop.place.guards):
        return False
    holds = judge.all(stop.place.guards)
    return holds is True or (holds is None and not stop.is_assert)


def _kinds(condition: Condition) -> set[str]:
    """The kinds of a condition and of all its parts: NQ101 reports what hangs on an import."""
    return {condition.kind}.union(*map(_kinds, condition.parts))
