"""A choice of how processes start, in a module that a build imports after it has begun multiprocessing."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.names import resolve
from nequip_lint.hazards.cause import Cause, Reason
from nequip_lint.hazards.hazard import Event, Scene, hazard

START_METHOD = frozenset({"multiprocessing.set_start_method", "torch.multiprocessing.set_start_method"})
CAUSE = Cause("NQ308", "{} raises in the build, which has begun multiprocessing when it imports this")


@hazard
def late_start_methods(scene: Scene) -> Iterator[Event]:
    """Every such call that does not force its choice."""
    for call in scene.facts.calls if scene.is_late else ():
        is_forced = "force" in (name for name, _ in call.arguments)
        if resolve(scene.facts, call.name) in START_METHOD and not is_forced:
            yield Event(call.span, call.place, "RuntimeError", Reason(CAUSE, (call.name,)), f"{call.name}(…)")
