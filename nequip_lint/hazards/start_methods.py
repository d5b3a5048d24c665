"""A choice of how processes start, in a module that a build imports after it has begun multiprocessing."""

from __future__ import annotations

from collections.abc import Iterable

from nequip_lint.facts.names import resolve
from nequip_lint.facts.values import Call, Facts
from nequip_lint.hazards.cause import Cause, Reason
from nequip_lint.hazards.hazard import Event, hazard
from nequip_lint.hazards.scene import Scene

_NAME = "set_start_method"
START_METHOD = frozenset({f"multiprocessing.{_NAME}", f"torch.multiprocessing.{_NAME}"})
CAUSE = Cause("NQ308", "{} raises in the build, which has begun multiprocessing when it imports this")


def _chooses(facts: Facts, call: Call) -> bool:
    """Whether a call is such a choice; an attribute goes by its own name, whatever it is an attribute of."""
    owner, _, name = call.name.rpartition(".")
    if owner and name != _NAME:
        return False
    return resolve(facts, call.name) in START_METHOD and "force" not in dict(call.arguments)


@hazard("calls", _chooses)
def late_start_methods(scene: Scene, call: Call) -> Iterable[Event]:
    """Every such call that does not force its choice."""
    if not scene.is_late:
        return ()
    return (Event(call, "RuntimeError", Reason(CAUSE, (call.name,)), f"{call.name}(…)"),)
