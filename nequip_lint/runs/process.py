"""State of a process that functions of torch and the standard library set and read."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from nequip_lint.facts.details.bodies import Called
from nequip_lint.tables import table


class State(NamedTuple):
    """One such state: what sets it, and what reads it."""

    name: str
    set: frozenset[str]
    read: frozenset[str]
    real: frozenset[str]
    unless: frozenset[str]

    def is_read_by(self, call: Called, full: str) -> bool:
        """Whether a call depends on the state.

        Args:
            call: with its arguments.
            full: the absolute name of what it calls.
        """
        is_asked = full in self.read or (full in self.real and call.is_real)
        return is_asked and self.unless.isdisjoint(call.keywords)


@cache
def states() -> dict[str, State]:
    """Every state by the functions that set it."""
    found = (
        State(item["name"], *(frozenset(item[key]) for key in ("set", "read", "real", "unless")))
        for item in table("process")["state"]
    )
    return {name: state for state in found for name in state.set}


def state_of(target: str) -> State | None:
    """The state that a function sets, or an attribute of what a function gives."""
    return states().get(target) or states().get(target.rpartition(".")[0])
