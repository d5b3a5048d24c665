"""NQ103 gpu-call-at-import: a call that needs a GPU, evaluated when the module is imported."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.values import Facts
from nequip_lint.project.evaluate import Judge, catches
from nequip_lint.project.gpu import needs_gpu, uncaught, without_version_tests
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.values import Span

_HELP = "move it into the function that needs it, or put it under `if torch.cuda.is_available():`"


@rule("NQ103")
def gpu_call_at_import(project: Project) -> Iterator[Hit]:
    """One hit for each such call, or demand of a GPU, that machines without a GPU come across."""
    world = project.world(project.full_world.target._replace(gpu=False))
    for facts in project.executed.values():
        judge = Judge(facts, world.target, world.importable)
        for span, text in (*_calls(facts, judge), *_demands(facts, judge)):
            message = (
                f"on a machine without a GPU importing {facts.module} fails, in a build and from a package: "
                f"`{text}` runs at import and raises there"
            )
            yield at(facts, span, message, _HELP, chain=project.packaged.chain(facts.module))


def _calls(facts: Facts, judge: Judge) -> Iterator[tuple[Span, str]]:
    for item in facts.gpu_calls:
        is_version = ".cuda." in item.name and item.raises == ("AttributeError",)
        place = item.place if is_version else without_version_tests(item.place)
        if needs_gpu(facts, item) and judge.all(place.guards) and uncaught(place, item.raises):
            yield item.span, item.text


def _demands(facts: Facts, judge: Judge) -> Iterator[tuple[Span, str]]:
    """Module-level `assert` and `raise` statements that hold exactly where there is no GPU."""
    with_gpu = Judge(facts, judge.target._replace(gpu=True), judge.importable)
    for stop in facts.stops:
        if catches(stop.place.caught, stop.exception):
            continue
        if judge.all(stop.place.guards) and with_gpu.all(stop.place.guards) is False:
            yield stop.span, stop.text
