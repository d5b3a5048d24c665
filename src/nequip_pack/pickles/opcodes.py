"""What each opcode does, protocols 0 to 5, as Python's ``pickle`` documents them in ``pickletools``."""

from __future__ import annotations

from typing import Final

from nequip_pack.pickles import calls, literals
from nequip_pack.pickles.literals import digits
from nequip_pack.pickles.machine import Machine, fill
from nequip_pack.pickles.operations import Operation, Operations
from nequip_pack.pickles.values import BadPickle

_PROTOCOL: Final = 5


class Stop(Exception):
    """The end of the pickle."""


_OWN: Final = Operations()

_OWN.push("]", lambda m: [])
_OWN.push("}", lambda m: {})
_OWN.push("t", lambda m: tuple(m.group()))
_OWN.push("l", lambda m: m.group())
_OWN.push("2", lambda m: m.stack[-1])
_OWN.push("j", lambda m: m.memo[m.number(4)])
_OWN.push("g", lambda m: m.memo[digits(m.line())])


@_OWN.on(")")
def _empty_tuple(machine: Machine) -> None:
    machine.stack.append(())


@_OWN.on("(")
def _mark(machine: Machine) -> None:
    machine.mark()


@_OWN.on("0")
def _pop(machine: Machine) -> None:
    if machine.stack:
        del machine.stack[-1]
    else:
        machine.group()


@_OWN.on("1")
def _pop_mark(machine: Machine) -> None:
    machine.group()


@_OWN.on("\x85", "\x86", "\x87")
def _short_tuple(machine: Machine) -> None:
    size = machine.data[machine.start] - 0x84
    values = tuple(machine.stack[-size:])
    if len(values) < size:
        raise IndexError
    machine.stack[-size:] = [values]


@_OWN.on("d")
def _dictionary(machine: Machine) -> None:
    values = machine.group()
    if len(values) % 2:
        raise BadPickle("a key has no value")
    machine.stack.append(fill({}, values))


@_OWN.on("s")
def _set_item(machine: Machine) -> None:
    value, name = machine.stack.pop(), machine.stack.pop()
    machine.set_items([name, value])


@_OWN.on("u")
def _set_items(machine: Machine) -> None:
    machine.set_items(machine.group())


@_OWN.on("a")
def _append(machine: Machine) -> None:
    machine.append([machine.stack.pop()])


@_OWN.on("e", "\x90")
def _append_all(machine: Machine) -> None:
    machine.append(machine.group())


@_OWN.on("h")
def _get_short(machine: Machine) -> None:
    machine.stack.append(machine.memo[machine.byte()])


@_OWN.on("q")
def _put_short(machine: Machine) -> None:
    machine.memo[machine.byte()] = machine.stack[-1]


@_OWN.on("r")
def _put(machine: Machine) -> None:
    machine.memo[machine.number(4)] = machine.stack[-1]


@_OWN.on("p")
def _put_line(machine: Machine) -> None:
    place = digits(machine.line())
    if not 0 <= place < 1 << 32:
        raise BadPickle("a place in its memo is none")
    machine.memo[place] = machine.stack[-1]


@_OWN.on("\x94")
def _memoize(machine: Machine) -> None:
    machine.memo[len(machine.memo)] = machine.stack[-1]


@_OWN.on(".")
def _stop(machine: Machine) -> None:
    raise Stop


@_OWN.on("\x80")
def _protocol(machine: Machine) -> None:
    if (found := machine.number(1)) > _PROTOCOL:
        raise BadPickle(f"pickle protocol {found} is not known")


@_OWN.on("\x95")
def _frame(machine: Machine) -> None:
    machine.frame(machine.number(8))


@_OWN.on("\x97", "\x98")
def _buffer(machine: Machine) -> None:
    raise BadPickle("it needs buffers from elsewhere")


_KNOWN = literals.OPERATIONS | calls.OPERATIONS | _OWN
TABLE: Final[list[Operation | None]] = [_KNOWN.get(code) for code in range(256)]
"""By code; ``None`` for the codes that no protocol has."""
