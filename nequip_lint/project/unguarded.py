"""Names that exist only under a test, where they are read without it."""

from __future__ import annotations

import builtins
from collections.abc import Iterator

from nequip_lint.facts.names import bound_names
from nequip_lint.facts.values import Condition, Facts, Use
from nequip_lint.project.evaluate import Judge, catches

_BUILTINS = frozenset((*dir(builtins), "BaseExceptionGroup", "ExceptionGroup", "PythonFinalizationError"))
_Guards = tuple[Condition, ...]


def unguarded(facts: Facts, judge: Judge) -> Iterator[tuple[Use, _Guards]]:
    """Each read that may come without the name on one machine, and the tests that the name is bound under.

    They fail on the machine, no test around the read is known to, and nothing catches its NameError.

    Args:
        facts: of a module.
        judge: of the same module, for the machine.
    """
    if not facts.uses or _binds_unseen(facts):
        return
    missing = {name: found for name, found in _definitions(facts).items() if _is_missing(judge, found)}
    for use in facts.uses:
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
    names = {use.name for use in facts.uses}
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


def _shares(use: Use, definitions: list[_Guards]) -> bool:
    """Whether the use stands under one of the tests that the name is defined under."""
    tests = {condition for guards in definitions for condition in guards}
    return not tests.isdisjoint(use.place.guards)
