"""Opcodes that push a value which stands in the pickle itself: constants, numbers, texts and bytes."""

from __future__ import annotations

import codecs
import struct
from typing import Final

from nequip_pack.pickles.machine import Machine
from nequip_pack.pickles.operations import Operations
from nequip_pack.pickles.values import BadPickle

OPERATIONS: Final = Operations()
_INTEGER: Final = 1024
"""The most bytes or digits of one integer."""


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


def digits(line: bytes) -> int:
    """The integer that a line is."""
    if len(line) > _INTEGER:
        raise BadPickle(f"an integer has more than {_INTEGER} digits")
    return int(line, 0)


def _decimal(line: bytes) -> int | bool:
    return line == b"01" if line in (b"00", b"01") else digits(line)


def _float(line: bytes) -> float:
    if len(line) > _INTEGER:
        raise BadPickle(f"a number has more than {_INTEGER} digits")
    return float(line)


OPERATIONS.push("N", lambda m: None)
OPERATIONS.push("\x88", lambda m: True)
OPERATIONS.push("\x89", lambda m: False)
OPERATIONS.push("K", Machine.byte)
OPERATIONS.push("M", lambda m: m.number(2))
OPERATIONS.push("J", lambda m: _signed(m.take(4)))
OPERATIONS.push("I", lambda m: _decimal(m.line()))
OPERATIONS.push("L", lambda m: digits(m.line().removesuffix(b"L")))
OPERATIONS.push("\x8a", lambda m: _signed(m.sized(1)))
OPERATIONS.push("\x8b", lambda m: _signed(m.sized(4)))
OPERATIONS.push("F", lambda m: _float(m.line()))
OPERATIONS.push("G", lambda m: struct.unpack(">d", m.take(8))[0])
OPERATIONS.push("S", _quoted)
OPERATIONS.push("T", lambda m: m.sized(4).decode())
OPERATIONS.push("U", lambda m: m.sized(1).decode())
OPERATIONS.push("V", lambda m: m.line().decode("raw-unicode-escape"))
OPERATIONS.push("X", lambda m: _text(m.sized(4)))
OPERATIONS.push("\x8c", lambda m: _text(m.sized(1)))
OPERATIONS.push("\x8d", lambda m: _text(m.sized(8)))
OPERATIONS.push("B", lambda m: m.blob(m.sized(4)))
OPERATIONS.push("C", lambda m: m.blob(m.sized(1)))
OPERATIONS.push("\x8e", lambda m: m.blob(m.sized(8)))
OPERATIONS.push("\x96", lambda m: m.blob(bytearray(m.sized(8))))
