"""What each opcode does, protocols 0 to 5, as Python's ``pickle`` documents them in ``pickletools``."""

from __future__ import annotations

import codecs
import struct
from collections.abc import Callable
from typing import Any, Final

from nequip_pack.pickles.machine import Machine, fill
from nequip_pack.pickles.values import BadPickle

Operation = Callable[[Machine], None]
TABLE: Final[list[Operation | None]] = [None] * 256
_PROTOCOL: Final = 5
_INTEGER: Final = 1024
"""The most bytes or digits of one integer."""


class Stop(Exception):
    """The end of the pickle."""


def _on(*codes: str) -> Callable[[Operation], Operation]:
    def register(operation: Operation) -> Operation:
        for code in codes:
            TABLE[ord(code)] = operation
        return operation

    return register


def _push(code: str, read: Callable[[Machine], Any]) -> None:
    def operation(machine: Machine) -> None:
        value = read(machine)  # which may change the stack
        machine.stack.append(value)

    TABLE[ord(code)] = operation


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")


def _quoted(machine: Machine) -> str:
    line = machine.line()
    if len(line) < 2 or line[:1] != line[-1:] or line[:1] not in (b"'", b'"'):
        raise BadPickle("a text has no quotes")
    return codecs.escape_decode(line[1:-1])[0].decode()


def _signed(data: bytes) -> int:
    if len(data) > _INTEGER:
        raise BadPickle(f"an integer has more than {_INTEGER} bytes")
    return int.from_bytes(data, "little", signed=True)


def _digits(line: bytes) -> int:
    if len(line) > _INTEGER:
        raise BadPickle(f"an integer has more than {_INTEGER} digits")
    return int(line, 0)


def _decimal(line: bytes) -> int | bool:
    return line == b"01" if line in (b"00", b"01") else _digits(line)


def _float(line: bytes) -> float:
    if len(line) > _INTEGER:
        raise BadPickle(f"a number has more than {_INTEGER} digits")
    return float(line)


_push("N", lambda m: None)
_push("\x88", lambda m: True)
_push("\x89", lambda m: False)
_push("K", Machine.byte)
_push("M", lambda m: m.number(2))
_push("J", lambda m: _signed(m.take(4)))
_push("I", lambda m: _decimal(m.line()))
_push("L", lambda m: _digits(m.line().removesuffix(b"L")))
_push("\x8a", lambda m: _signed(m.sized(1)))
_push("\x8b", lambda m: _signed(m.sized(4)))
_push("F", lambda m: _float(m.line()))
_push("G", lambda m: struct.unpack(">d", m.take(8))[0])
_push("S", _quoted)
_push("T", lambda m: m.sized(4).decode())
_push("U", lambda m: m.sized(1).decode())
_push("V", lambda m: m.line().decode("raw-unicode-escape"))
_push("X", lambda m: _text(m.sized(4)))
_push("\x8c", lambda m: _text(m.sized(1)))
_push("\x8d", lambda m: _text(m.sized(8)))
_push("B", lambda m: m.sized(4))
_push("C", lambda m: m.sized(1))
_push("\x8e", lambda m: m.sized(8))
_push("\x96", lambda m: bytearray(m.sized(8)))
_push("]", lambda m: [])
_push("}", lambda m: {})
_push("t", lambda m: tuple(m.group()))
_push("l", lambda m: m.group())
_push("2", lambda m: m.stack[-1])
_push("j", lambda m: m.memo[m.number(4)])
_push("g", lambda m: m.memo[_digits(m.line())])


@_on("h")
def _get_short(machine: Machine) -> None:
    machine.stack.append(machine.memo[machine.byte()])


@_on(")")
def _empty_tuple(machine: Machine) -> None:
    machine.stack.append(())


@_on("(")
def _mark(machine: Machine) -> None:
    machine.mark()


@_on(".")
def _stop(machine: Machine) -> None:
    raise Stop


@_on("0")
def _pop(machine: Machine) -> None:
    if machine.stack:
        del machine.stack[-1]
    else:
        machine.group()


@_on("1")
def _pop_mark(machine: Machine) -> None:
    machine.group()


@_on("\x80")
def _protocol(machine: Machine) -> None:
    if (found := machine.number(1)) > _PROTOCOL:
        raise BadPickle(f"pickle protocol {found} is not known")


@_on("\x95")
def _frame(machine: Machine) -> None:
    machine.frame(machine.number(8))


@_on("\x85", "\x86", "\x87")
def _short_tuple(machine: Machine) -> None:
    size = machine.data[machine.start] - 0x84
    values = tuple(machine.stack[-size:])
    if len(values) < size:
        raise IndexError
    machine.stack[-size:] = [values]


@_on("d")
def _dictionary(machine: Machine) -> None:
    values = machine.group()
    if len(values) % 2:
        raise BadPickle("a key has no value")
    machine.stack.append(fill({}, values))


@_on("s")
def _set_item(machine: Machine) -> None:
    value, name = machine.stack.pop(), machine.stack.pop()
    machine.set_items([name, value])


@_on("u")
def _set_items(machine: Machine) -> None:
    machine.set_items(machine.group())


@_on("a")
def _append(machine: Machine) -> None:
    machine.append([machine.stack.pop()])


@_on("e", "\x90")
def _append_all(machine: Machine) -> None:
    machine.append(machine.group())


@_on("\x8f")
def _set(machine: Machine) -> None:
    machine.named("builtins", "set")
    machine.call(machine.stack.pop(), ())


@_on("\x91")
def _frozen_set(machine: Machine) -> None:
    values = machine.group()
    machine.named("builtins", "frozenset")
    machine.call(machine.stack.pop(), (values,))


@_on("c")
def _global(machine: Machine) -> None:
    module = machine.line()
    machine.named(module.decode(), machine.line().decode())


@_on("\x93")
def _stack_global(machine: Machine) -> None:
    name, module = machine.stack.pop(), machine.stack.pop()
    machine.named(module, name)


@_on("\x82", "\x83", "\x84")
def _extension(machine: Machine) -> None:
    """A class or function by a number that programs agree on; what it means here, nobody knows."""
    size = {0x82: 1, 0x83: 2, 0x84: 4}[machine.data[machine.start]]
    machine.named("copyreg", f"extension {machine.number(size)}")


@_on("R", "\x81")
def _reduce(machine: Machine) -> None:
    arguments, function = machine.stack.pop(), machine.stack.pop()
    machine.call(function, arguments)


@_on("\x92")
def _new_with_options(machine: Machine) -> None:
    options, arguments, function = machine.stack.pop(), machine.stack.pop(), machine.stack.pop()
    if type(options) is not dict:
        raise BadPickle("keyword arguments are no dictionary")
    machine.call(function, arguments, options)


@_on("o")
def _object(machine: Machine) -> None:
    function, *arguments = machine.group()
    machine.call(function, tuple(arguments))


@_on("i")
def _instance(machine: Machine) -> None:
    module, name = machine.line().decode(), machine.line().decode()
    arguments = tuple(machine.group())
    machine.named(module, name)
    machine.call(machine.stack.pop(), arguments)


@_on("b")
def _build(machine: Machine) -> None:
    machine.build()


@_on("P")
def _persistent_line(machine: Machine) -> None:
    machine.look_up(machine.line().decode())


@_on("Q")
def _persistent(machine: Machine) -> None:
    machine.look_up(machine.stack.pop())


@_on("q")
def _put_short(machine: Machine) -> None:
    machine.memo[machine.byte()] = machine.stack[-1]


@_on("r")
def _put(machine: Machine) -> None:
    machine.memo[machine.number(4)] = machine.stack[-1]


@_on("p")
def _put_line(machine: Machine) -> None:
    place = _digits(machine.line())
    if not 0 <= place < 1 << 32:
        raise BadPickle("a place in its memo is none")
    machine.memo[place] = machine.stack[-1]


@_on("\x94")
def _memoize(machine: Machine) -> None:
    machine.memo[len(machine.memo)] = machine.stack[-1]


@_on("\x97", "\x98")
def _buffer(machine: Machine) -> None:
    raise BadPickle("it needs buffers from elsewhere")
