"""The stack and the memo of the pickle machine, and what its operations do to inert values."""

from __future__ import annotations

from typing import Any, Final

from nequip_pack.pickles.cursor import Cursor
from nequip_pack.pickles.tensors import made, storage
from nequip_pack.pickles.values import BadPickle, Global, Inert, Ordered, Persistent, Pickled, key
from nequip_pack.pickles.walk import LEAVES, children

_STATES: Final = 16
"""The most states that one object is given; Python's pickler gives one."""
_NAMES: Final = 10_000
"""The most classes and functions of one pickle; a model of nequip has 50."""
_CALLABLE: Final = (Global, Inert, Persistent)
_ORDERED: Final = ("collections", "OrderedDict")


class Machine(Cursor):
    """The state while one pickle is read."""

    __slots__ = ("_held", "_named", "found", "memo", "outer", "stack")

    def __init__(self, data: bytes, pos: int = 0) -> None:
        super().__init__(data, pos)
        self.found = Pickled()
        self.stack: list[Any] = []
        self.outer: list[list[Any]] = []
        self.memo: dict[int, Any] = {}
        self._named: dict[tuple[str, str], Global] = {}
        self._held: dict[int, Any] = {}

    def mark(self) -> None:
        """Begin a group of values."""
        self.outer.append(self.stack)
        self.stack = []

    def group(self) -> list[Any]:
        """The values since the last mark, off the stack."""
        values = self.stack
        self.stack = self.outer.pop()
        return values

    def named(self, module: Any, name: Any) -> None:
        """Push a class or function."""
        if type(module) is not str or type(name) is not str:
            raise BadPickle("the name of a class or function is no text")
        known = self._named.get((module, name))
        if known is None:
            if len(self._named) == _NAMES:
                raise BadPickle(f"it names more than {_NAMES} classes and functions")
            known = self._named[module, name] = Global(module, name)
            self.found.globals.add((module, name))
        self.stack.append(known)

    def blob(self, data: Any) -> Any:
        """The same bytes, noted."""
        self.found.blobs.append(data)
        return data

    def call(self, function: Any, arguments: Any, options: Any = None, *, new: bool = False) -> None:
        """Push what a call would give."""
        if type(function) not in _CALLABLE or type(arguments) is not tuple:
            raise BadPickle("what it calls is no class or function, or without arguments")
        if type(function) is Global:
            if (function.module, function.name) == _ORDERED and not arguments and options is None:
                self.stack.append(Ordered())
                return
            tensor = made(function, arguments)
            if tensor is not None:
                self.stack.append(tensor)
                return
        result = Inert(function, arguments, options, new)
        self.found.calls.append(result)
        self._hold(arguments)
        self.stack.append(result)

    def build(self) -> None:
        """Give the topmost object a state."""
        state = self.stack.pop()
        target = self.stack[-1]
        if type(target) is not Inert and type(target) is not Ordered:
            raise BadPickle("a state is given to something that has none")
        if len(target.states) == _STATES:
            raise BadPickle(f"one object has more than {_STATES} states")
        if type(target) is Ordered:
            self.found.built.append(target)
        target.states += (state,)
        for part in (state, *state) if type(state) is tuple else (state,):
            self._held[id(part)] = part

    def look_up(self, identifier: Any) -> None:
        """Push what the loader would find outside of the pickle."""
        found = Persistent(identifier)
        if (held := storage(found)) is not None:
            self.found.storages.add(held.member)
        else:
            self.found.lookups.append(found)
            self._hold(identifier)
        self.stack.append(found)

    def set_items(self, values: list[Any]) -> None:
        """Set keys and values, which alternate, on the topmost object."""
        if len(values) % 2:
            raise BadPickle("a key has no value")
        target = self._changed()
        if isinstance(target, dict):
            fill(target, values)
        elif type(target) is Inert:
            target.pairs = target.pairs or []
            target.pairs += zip(values[::2], values[1::2], strict=True)
        else:
            raise BadPickle("a key is set on something that is no dictionary")

    def append(self, values: list[Any]) -> None:
        """Append values to the topmost object."""
        target = self._changed()
        if type(target) is list:
            target += values
        elif type(target) is Inert:
            target.items = target.items or []
            target.items += values
        else:
            raise BadPickle("a value is appended to something that is no list")

    def _hold(self, arguments: Any) -> None:
        """Note what a call is given, whatever it lies in, and could be changed when the call is over."""
        waiting = [arguments]
        while waiting:
            value = waiting.pop()
            if id(value) not in self._held and type(value) not in LEAVES:
                self._held[id(value)] = value
                waiting += children(value)

    def _changed(self) -> Any:
        """The topmost object, which is about to be changed."""
        target = self.stack[-1]
        self.found.late = self.found.late or id(target) in self._held
        return target


def fill(target: dict[Any, Any], values: list[Any]) -> dict[Any, Any]:
    """The same dictionary with keys and values, which alternate."""
    for place in range(0, len(values), 2):
        name = values[place]
        target[name if type(name) is str else key(name)] = values[place + 1]
    return target
