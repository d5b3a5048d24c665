"""A decorator that asks for a GPU where the module is imported."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.names import resolve
from nequip_lint.facts.values import Decoration, Facts
from nequip_lint.hazards.cause import GUARDED, Cause, Reason
from nequip_lint.hazards.hazard import Event, Scene, hazard
from nequip_lint.machine.versions import parse_version
from nequip_lint.tables import table

HELP = "put it under `if torch.cuda.is_available():`"
CAUSE = Cause("NQ102", "@{} needs a GPU at import", help_for_package=GUARDED)


@hazard
def gpu_decorators(scene: Scene) -> Iterator[Event]:
    """Every such decorator, on machines without a GPU and with a triton that asks for one."""
    if scene.target.gpu:
        return
    for item in scene.facts.decorations:
        if _breaks_without_gpu(scene.facts, item, scene.target.triton):
            why = Reason(CAUSE, (item.name, item.target))
            yield Event(item.span, item.place, "RuntimeError", why, f"@{item.name}")


def message(facts: Facts, event: Event) -> str:
    """What happens to the model."""
    name, target = event.why.parts
    return (
        f"on a machine without a GPU importing {facts.module} fails, in a build and from a package "
        f"(triton 3.2 to 3.3.1): @{name} on {target} runs at import and asks for a GPU"
    )


def _is_autotune(facts: Facts, item: Decoration) -> bool:
    """Whether a decorator is triton's autotune in the form that asks for the active driver."""
    known = table("gpu")["autotune"]
    return resolve(facts, item.name) in known["names"] and not {*item.keywords} & {*known["harmless_with"]}


def _breaks_without_gpu(facts: Facts, item: Decoration, triton: str) -> bool:
    """Whether the decorator raises on a machine without a GPU.

    Args:
        facts: of the decorator's module.
        item: the decorator.
        triton: the installed version.
    """
    if not triton or not _is_autotune(facts, item):
        return False
    known = table("gpu")["autotune"]
    first, last = parse_version(known["first_broken"]), parse_version(known["last_broken"])
    return first <= parse_version(triton) <= last
