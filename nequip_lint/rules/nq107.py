"""NQ107 stop-at-import: a module that raises or exits when it is imported."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.values import Condition, Facts, Stop
from nequip_lint.project.evaluate import Judge
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, at, rule

_HELP = "move it into the function that needs the check, or below `if __name__ == '__main__':`"


@rule("NQ107")
def stop_at_import(project: Project) -> Iterator[Hit]:
    """One hit for each module-level `raise` or exit that some machine may come across.

    An `assert` counts only where it is known to fail, and a demand of a GPU is NQ103's.
    """
    bare = project.bare_world
    for facts in project.executed.values():
        judge = Judge(facts, bare.target, bare.importable)
        with_gpu = Judge(facts, bare.target._replace(gpu=True), bare.importable)
        for stop in facts.stops:
            if _may_stop(stop, judge) and with_gpu.all(stop.place.guards) is not False:
                chain = project.packaged.chain(facts.module)
                yield at(facts, stop.span, _message(facts, stop), _HELP, chain=chain)


def _may_stop(stop: Stop, judge: Judge) -> bool:
    if stop.place.caught or any("importable" in _kinds(guard) for guard in stop.place.guards):
        return False
    holds = judge.all(stop.place.guards)
    return holds is True or (holds is None and stop.exception != "AssertionError")


def _kinds(condition: Condition) -> set[str]:
    """The kinds of a condition and of all its parts: NQ101 reports what hangs on an import."""
    return {condition.kind}.union(*map(_kinds, condition.parts))


def _message(facts: Facts, stop: Stop) -> str:
    if stop.exception == "SystemExit":
        effect = "the build ends: torch.package imports every module that packaged code names, this one too"
    else:
        effect = f"a package lacks {facts.module}, and the build says nothing: its import ends here"
    return f"where `{stop.text}` runs, {effect}"
