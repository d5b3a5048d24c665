"""The import-time set: what runs when the entry point and the roots are imported."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from nequip_lint.closure.world import World
from nequip_lint.declared.locate import Kind
from nequip_lint.facts.values import Facts, Import
from nequip_lint.machine.evaluate import Judge


def import_time_set(
    starts: Iterable[str],
    world: World,
    within: Callable[[str], bool] | None = None,
    follows: Callable[[Import], bool] | None = None,
) -> dict[str, Facts]:
    """The facts of every internal module that runs, parents' `__init__` included.

    Args:
        starts: entry points and roots.
        world: the target, sources and patterns.
        within: leaves out the modules for which it is false, and whatever only they import.
        follows: leaves out the imports for which it is false.
    """
    found: dict[str, Facts] = {}
    pending = list(starts)
    while pending:
        module = pending.pop()
        for name in _with_parents(module):
            if name in found or (within is not None and not within(name)):
                continue
            if not _is_internal(name, world):
                continue
            facts = world.sources.facts(name)
            if facts is not None:
                found[name] = facts
                pending += _imported(facts, world, follows)
    return found


def _with_parents(module: str) -> Iterator[str]:
    while module:
        yield module
        module = module.rpartition(".")[0]


def _is_internal(module: str, world: World) -> bool:
    place = world.sources.location(module)
    is_source = place is not None and place.kind is Kind.SOURCE
    return is_source and world.patterns.action(module) == "intern"


def _imported(facts: Facts, world: World, follows: Callable[[Import], bool] | None) -> Iterator[str]:
    judge = Judge(facts, world.target, world.importable)
    for item in facts.imports:
        is_run = item.place.at_import and judge.all(item.place.guards) is not False
        if is_run and item.module and (follows is None or follows(item)):
            yield item.module
            yield from (f"{item.module}.{name}" for name, _ in item.names if name != "*")
