"""NQ102 gpu-decorator-at-import: `@triton.autotune` evaluated where there may be no GPU."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.hazards.gpu_decorators import HELP, gpu_decorators, message
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.executed import bitten, hit_in, without_gpu
from nequip_lint.tables import table


@rule("NQ102")
def gpu_decorator_at_import(project: Project) -> Iterator[Hit]:
    """One hit for each decorator that no guard keeps from machines without a GPU."""
    asks_for_one = table("gpu")["autotune"]["last_broken"]
    machines = [without_gpu(project, triton=asks_for_one)]
    for facts, event in bitten(project, gpu_decorators, machines):
        yield hit_in(project, facts, event.span, message(facts, event), HELP)
