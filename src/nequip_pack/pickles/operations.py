"""Operations of the pickle machine by their codes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nequip_pack.pickles.machine import Machine

Operation = Callable[[Machine], None]


class Operations(dict[int, Operation]):
    """What some opcodes do."""

    def on(self, *codes: str) -> Callable[[Operation], Operation]:
        """Register a function as what these opcodes do."""

        def register(operation: Operation) -> Operation:
            self.update(dict.fromkeys(map(ord, codes), operation))
            return operation

        return register

    def push(self, code: str, read: Callable[[Machine], Any]) -> None:
        """Let an opcode push what a function reads."""

        def operation(machine: Machine) -> None:
            value = read(machine)  # which may change the stack
            machine.stack.append(value)

        self[ord(code)] = operation
