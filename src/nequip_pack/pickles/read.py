"""From bytes to what they pickle."""

from __future__ import annotations

from typing import Final

from nequip_pack.garbage import no_collection
from nequip_pack.pickles.machine import Machine
from nequip_pack.pickles.opcodes import TABLE, Stop
from nequip_pack.pickles.values import BadPickle, NoOperation, Pickled

OPCODE_LIMIT: Final = 2_000_000
"""The most operations of one pickle. A model of nequip has 10,000 for a few layers; a value takes about
100 bytes."""


def read(data: bytes, start: int = 0) -> Pickled:
    """Read the pickle that begins at ``start``; what follows it is not looked at.

    Raises:
        BadPickle: if there is none, or one beyond the limits.
    """
    machine = Machine(data, start)
    try:
        with no_collection():
            run(machine)
    except Stop:
        return finished(machine)
    except (IndexError, KeyError) as error:
        why = "it ends early" if machine.pos >= len(data) else "it uses a value that it did not make"
        raise BadPickle(f"{why}, at byte {machine.start}") from error
    except (ValueError, OverflowError) as error:
        raise BadPickle(f"{error}, at byte {machine.start}") from error
    raise BadPickle(f"it has more than {OPCODE_LIMIT} operations")


def run(machine: Machine) -> None:
    """Do all operations; a pickle that ends raises :class:`Stop`."""
    data = machine.data
    for _ in range(OPCODE_LIMIT):
        start = machine.start = machine.pos
        machine.pos = start + 1
        operation = TABLE[data[start]]
        if operation is None:
            raise NoOperation(f"{data[start]:#04x} is no operation")
        operation(machine)


def finished(machine: Machine) -> Pickled:
    """What a pickle that has ended holds."""
    found = machine.found
    if not machine.stack:
        raise BadPickle("it makes nothing")
    found.content, found.end = machine.stack[-1], machine.pos
    return found
