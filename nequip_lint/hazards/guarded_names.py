"""A name that exists only under a test, where it is read without it."""

from __future__ import annotations

import builtins
from collections.abc import Iterable

from nequip_lint.facts.values import Condition, GuardedRead
from nequip_lint.hazards.cause import Cause, Reason
from nequip_lint.hazards.hazard import Event, hazard
from nequip_lint.hazards.scene import Scene
from nequip_lint.machine.evaluate import catches

HELP = "use it under the same test, or define it in the other branch too"
CAUSE = Cause("NQ104", "{} is defined only under a test that fails here, and used at import")
_BUILTINS = frozenset((*dir(builtins), "BaseExceptionGroup", "ExceptionGroup", "PythonFinalizationError"))
Guards = tuple[Condition, ...]


@hazard("guarded_reads")
def guarded_names(scene: Scene, use: GuardedRead) -> Iterable[Event]:
    """Every such read at import."""
    if unguarded(scene, use) is None:
        return ()
    return (Event(use, "NameError", Reason(CAUSE, (use.name,)), use.name),)


def message(use: GuardedRead) -> str:
    """What happens to the model."""
    return (
        f"on some machines this line raises NameError: {use.name} is defined only under a test that fails "
        "there, but used outside of it"
    )


def unguarded(scene: Scene, use: GuardedRead) -> Guards | None:
    """The tests that a name is bound under, if the read of it may come without the name.

    They fail on the machine, no test around the read is known to, and nothing catches its NameError.

    Args:
        scene: the module on the machine.
        use: the read.
    """
    if use.is_tested or use.name in _BUILTINS or scene.binds_unseen:
        return None
    found = _definitions(scene, use.name)
    if not found or any(scene.judge.all(guards) is not False for guards in found):
        return None
    if catches(use.place.caught, "NameError") or _shares(use, found):
        return None
    return found[0] if scene.judge.all(use.place.guards) is not False else None


def _definitions(scene: Scene, name: str) -> list[Guards]:
    """The tests around every binding of a name."""
    found = [binding.place.guards for binding in scene.bindings.get(name, ())]
    for item in scene.imports.get(name, ()):
        found.append((*item.place.guards, Condition("importable", item.module or "")))
    return found


def _shares(use: GuardedRead, definitions: list[Guards]) -> bool:
    """Whether the use stands under one of the tests that the name is defined under."""
    tests = {condition for guards in definitions for condition in guards}
    return not tests.isdisjoint(use.place.guards)
