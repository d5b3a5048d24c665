"""NQ103 gpu-call-at-import: a call that needs a GPU, evaluated when the module is imported."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.values import Facts
from nequip_lint.hazards.gpu_calls import HELP, gpu_calls, message
from nequip_lint.hazards.scene import Scene
from nequip_lint.hazards.stops import stops
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.executed import bitten, hit_in, without_gpu
from nequip_lint.rules.live import live, start_of
from nequip_lint.runs.at_import import is_certain_at_import
from nequip_lint.values import Span


@rule("NQ103")
def gpu_call_at_import(project: Project) -> Iterator[Hit]:
    """One hit for each such call, or demand of a GPU, that machines without a GPU come across."""
    for facts, span, text in (*_calls(project), *_demands(project)):
        yield hit_in(project, facts, span, message(facts.module, text), HELP)
    for facts, span, text, module in _called(project):
        yield hit_in(project, facts, span, message(module, text), HELP)


def _calls(project: Project) -> Iterator[tuple[Facts, Span, str]]:
    """Calls, with a CPU build of torch and with a CUDA build, which may lack a GPU too."""
    machines = [without_gpu(project), without_gpu(project, cuda_build=True)]
    yield from ((facts, event.span, event.text) for facts, event in bitten(project, gpu_calls, machines))


def _called(project: Project) -> Iterator[tuple[Facts, Span, str, str]]:
    """Calls in methods, and in functions of other modules, with the module that calls these when imported."""
    world = without_gpu(project)
    for facts, item in live(project, lambda details: details.late_gpu_calls):
        call, function = item.call, item.spot.function
        is_told = any(one.text.endswith(f" in {function}()") for one in facts.gpu_calls)
        if is_told or not is_certain_at_import(project, facts, item.spot):
            continue
        if gpu_calls.is_about is not None and gpu_calls.is_about(facts, call):
            module = start_of(project, facts, item.spot).module
            for event in gpu_calls.find(Scene(facts, world), call):
                yield facts, event.span, event.text, module


def _demands(project: Project) -> Iterator[tuple[Facts, Span, str]]:
    """Module-level `assert` and `raise` statements that hold exactly where there is no GPU."""
    for facts, event in bitten(project, stops, [without_gpu(project)]):
        if Scene(facts, project.full_world).judge.all(event.place.guards) is False:
            yield facts, event.span, event.text
