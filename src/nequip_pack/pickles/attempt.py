"""Bytes that may be a pickle, and what an unpickler would do with them before it gives up."""

from __future__ import annotations

from dataclasses import dataclass, field

from nequip_pack.garbage import no_collection
from nequip_pack.pickles.machine import Machine
from nequip_pack.pickles.opcodes import Stop
from nequip_pack.pickles.read import finished, run
from nequip_pack.pickles.values import BadPickle, NoOperation, Pickled


@dataclass(frozen=True, slots=True, eq=False)
class Attempt:
    """What became of reading bytes as a pickle.

    Attributes:
        pickled: the pickle; ``None`` for bytes that are none.
        named: the classes and functions that were named before the bytes turned out to be none.
        surely: whether Python's unpicklers give up at the same place, because there is no such operation.
    """

    pickled: Pickled | None
    named: frozenset[tuple[str, str]] = field(default=frozenset())
    surely: bool = False


def attempt(data: bytes, start: int = 0) -> Attempt:
    """Read the pickle that begins at ``start``, if one does."""
    machine = Machine(data, start)
    try:
        with no_collection():
            run(machine)
    except Stop:
        return Attempt(finished(machine)) if machine.stack else _none(machine, surely=True)
    except (IndexError, KeyError, NoOperation):
        return _none(machine, surely=True)
    except (BadPickle, ValueError, OverflowError):
        return _none(machine, surely=False)
    return _none(machine, surely=False)


def _none(machine: Machine, *, surely: bool) -> Attempt:
    return Attempt(None, frozenset(machine.found.globals), surely)
