"""NQ102 gpu-decorator-at-import: `@triton.autotune` evaluated where there may be no GPU."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.project.evaluate import Judge, catches
from nequip_lint.project.gpu import is_autotune
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, at, rule

_HELP = "put it under `if torch.cuda.is_available():`"


@rule("NQ102")
def gpu_decorator_at_import(project: Project) -> Iterator[Hit]:
    """One hit for each decorator that no guard keeps from machines without a GPU."""
    world = project.world(project.full_world.target._replace(gpu=False))
    for facts in project.executed.values():
        judge = Judge(facts, world.target, world.importable)
        for item in facts.decorations:
            guarded = judge.all(item.place.guards) is not True or catches(item.place.caught, "RuntimeError")
            if is_autotune(facts, item) and not guarded:
                message = (
                    f"on a machine without a GPU importing {facts.module} fails, in a build and from a "
                    f"package (triton 3.2 to 3.3.1): @{item.name} on {item.target} runs at import and "
                    "asks for a GPU"
                )
                yield at(facts, item.span, message, _HELP, chain=project.packaged.chain(facts.module))
