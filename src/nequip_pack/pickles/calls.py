"""Opcodes that name, call and look up what lies outside of the pickle."""

from __future__ import annotations

from typing import Final

from nequip_pack.pickles.machine import Machine
from nequip_pack.pickles.operations import Operations
from nequip_pack.pickles.values import BadPickle

OPERATIONS: Final = Operations()
_NEW: Final = 0x81


@OPERATIONS.on("c")
def _global(machine: Machine) -> None:
    module = machine.line()
    machine.named(module.decode(), machine.line().decode())


@OPERATIONS.on("\x93")
def _stack_global(machine: Machine) -> None:
    name, module = machine.stack.pop(), machine.stack.pop()
    machine.named(module, name)


@OPERATIONS.on("\x82", "\x83", "\x84")
def _extension(machine: Machine) -> None:
    """A class or function by a number that programs agree on; what it means here, nobody knows."""
    size = {0x82: 1, 0x83: 2, 0x84: 4}[machine.data[machine.start]]
    machine.named("copyreg", f"extension {machine.number(size)}")


@OPERATIONS.on("\x8f")
def _set(machine: Machine) -> None:
    machine.named("builtins", "set")
    machine.call(machine.stack.pop(), ())


@OPERATIONS.on("\x91")
def _frozen_set(machine: Machine) -> None:
    values = machine.group()
    machine.named("builtins", "frozenset")
    machine.call(machine.stack.pop(), (values,))


@OPERATIONS.on("R", "\x81")
def _reduce(machine: Machine) -> None:
    arguments, function = machine.stack.pop(), machine.stack.pop()
    machine.call(function, arguments, new=machine.data[machine.start] == _NEW)


@OPERATIONS.on("\x92")
def _new_with_options(machine: Machine) -> None:
    options, arguments, function = machine.stack.pop(), machine.stack.pop(), machine.stack.pop()
    if type(options) is not dict:
        raise BadPickle("keyword arguments are no dictionary")
    machine.call(function, arguments, options, new=True)


@OPERATIONS.on("o")
def _object(machine: Machine) -> None:
    function, *arguments = machine.group()
    machine.call(function, tuple(arguments))


@OPERATIONS.on("i")
def _instance(machine: Machine) -> None:
    module, name = machine.line().decode(), machine.line().decode()
    arguments = tuple(machine.group())
    machine.named(module, name)
    machine.call(machine.stack.pop(), arguments)


@OPERATIONS.on("b")
def _build(machine: Machine) -> None:
    machine.build()


@OPERATIONS.on("P")
def _persistent_line(machine: Machine) -> None:
    machine.look_up(machine.line().decode())


@OPERATIONS.on("Q")
def _persistent(machine: Machine) -> None:
    machine.look_up(machine.stack.pop())
