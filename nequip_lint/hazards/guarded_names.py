"""A name that exists only under a test, where it is read without it."""

from __future__ import annotations

import builtins
from collections.abc import Iterator

from nequip_lint.facts.names import bound_names
from nequip_lint.facts.values import Condition, Facts, GuardedRead
from nequip_lint.hazards.cause import Cause, Reason
from nequip_lint.hazards.hazard import Event, Scene, hazard
from nequip_lint.machine.evaluate import Judge, catches

HELP = "use it under the same test, or define it in the other branch too"
CAUSE = Cause("NQ104", "{} is defined only under a test that fails here, and used at import")
_BUILTINS = frozenset((*dir(builtins), "BaseExceptionGroup", "ExceptionGroup", "PythonFinalizationError"))
_Guards = tuple[Condition, ...]


@hazard
def guarded_names(scene: Scene) -> Iterator[Event]:
    """Every such read at import."""
    for use, _ in unguarded(scene.facts, scene.judge):
        if use.place.at_import:
            yield Event(use.span, use.place, "NameError", Reason(CAUSE, (use.name,)), use.name)


def message(use: GuardedRead) -> str:
    """What happens to the model."""
    return (
        f"on some machines this line raises NameError: {use.name} is defined only under a test that fails "
        "there, but used outside of it"
    )


def unguarded(facts: Facts, judge: Judge) -> Iterator[tuple[GuardedRead, _Guards]]:
    """Each read that may come without the name on one machine, and the tests that the name is bound under.

    They fail on the machine, no test around the read is known to, and nothing catches its NameError.

    Args:
        facts: of a module.
        judge: of the same module, for the machine.
    """
    if not facts.guarded_reads or _binds_unseen(facts):
        return
    missing = {name: found for name, found in _definitions(facts).items() if _is_missing(judge, found)}
    for use in facts.guarded_reads:
        if use.name not in missing or use.name in _BUILTINS or use.is_tested:
            continue
        if catches(use.place.caught, "NameError") or _shares(use, missing[use.name]):
            continue
        if judge.all(use.place.guards) is not False:
            yield use, missing[use.name][0]


def _binds_unseen(facts: Facts) -> bool:
    """Whether a star import may bind any name."""
    return any(bound == "*" for item in facts.imports if item.place.at_import for _, bound in item.names)


def _definitions(facts: Facts) -> dict[str, list[_Guards]]:
    """The guards of every binding of the names that are used."""
    names = {read.name for read in facts.guarded_reads}
    found: dict[str, list[_Guards]] = {}
    for binding in facts.bindings:
        if binding.name in names:
            found.setdefault(binding.name, []).append(binding.place.guards)
    for item in facts.imports:
        for name in bound_names(item) if item.place.at_import else ():
            if name in names:
                importable = Condition("importable", item.module or "")
                found.setdefault(name, []).append((*item.place.guards, importable))
    return found


def _is_missing(judge: Judge, definitions: list[_Guards]) -> bool:
    return all(judge.all(guards) is False for guards in definitions)


def _shares(use: GuardedRead, definitions: list[_Guards]) -> bool:
    """Whether the use stands under one of the tests that the name is defined under."""
    tests = {condition for guards in definitions for condition in guards}
    return not tests.isdisjoint(use.place.guards)
