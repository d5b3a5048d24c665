"""What a process accepts only before a model is made, in files that a build imports afterwards."""

from __future__ import annotations

from collections.abc import Iterable

from nequip_lint.closure.import_time import import_time_set
from nequip_lint.closure.world import World
from nequip_lint.machine.target import covers
from nequip_lint.tables import table


def once_made(world: World, roots: Iterable[str]) -> World:
    """The same machine for a build, which imports what only functions import when the model is made.

    Args:
        world: the machine, sources and patterns.
        roots: the modules that the model's pickle refers to; they are imported before the model is made.
    """
    starts = tuple(roots)
    optimising = frozenset(table("e3nn")["optimising"])
    if world.present("tqdm") is False or not any(covers(optimising, root) for root in starts):
        return world
    return world.after(frozenset(import_time_set(starts, world)))
