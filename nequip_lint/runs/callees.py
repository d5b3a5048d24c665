"""Which functions a call certainly runs, and on which object at module level."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from nequip_lint.facts.names import binds, resolve
from nequip_lint.facts.values import Facts
from nequip_lint.project.roots import Definition, definition_of, resolve_local
from nequip_lint.project.sources import Sources
from nequip_lint.runs.functions import CONSTRUCTORS, Functions, Key

_DEEPEST = 8
_OF_METACLASS = (".__new__", ".__init__")
"""What a class statement calls of a metaclass."""


class Target(NamedTuple):
    """Something that outlives the code that changes it: the module that has it, and its name there."""

    module: str
    name: str


class Callee(NamedTuple):
    """A function that a call runs; `receiver` is the object at module level whose method it is."""

    key: Key
    receiver: Target | None = None


class Callees:
    """Follows names to the functions that they certainly stand for.

    Args:
        functions: where to look.
        sources: tell where names are defined.
    """

    def __init__(self, functions: Functions, sources: Sources) -> None:
        self._functions = functions
        self._sources = sources

    def of(self, facts: Facts, owner: str, name: str) -> Iterator[Callee]:
        """What a name that is called in a file stands for.

        Args:
            facts: of the file.
            owner: the class around the call, or ''.
            name: as written.
        """
        head, _, rest = name.partition(".")
        if head in ("self", "cls", "super") and owner:
            yield from self._method(facts.module, owner, rest) if rest and "." not in rest else ()
            return
        found = self._definition(own_name(facts, name))
        defined = self._sources.facts(found[0]) if found is not None else None
        if found is None or defined is None:
            return
        first, _, last = found[1].partition(".")
        if not last:
            yield from (Callee(key) for key in self._called(found[0], first))
        elif any(item.name == first for item in defined.classes):
            yield from self._method(found[0], first, last)
            if last == "__init_subclass__":
                yield from self._of_metaclass(found[0], first)
        elif "." not in last:
            made = made_by(defined, first)
            cls = self._definition(own_name(defined, made)) if made else None
            for item in self._method(*cls, last) if cls is not None else ():
                yield item._replace(receiver=Target(found[0], first))

    def _of_metaclass(self, module: str, name: str, depth: int = _DEEPEST) -> Iterator[Callee]:
        """What a class statement runs of the metaclass of a base."""
        facts = self._sources.facts(module) if depth else None
        if facts is None:
            return
        for function in self._functions.of(Key(module, "", "")):
            for call in function.body.calls:
                if call.text == name and call.name.endswith(_OF_METACLASS):
                    yield from self.of(facts, "", call.name)
        for base in next((item.bases for item in facts.classes if item.name == name), ()):
            found = self._definition(resolve_local(facts, base)) if base else None
            yield from self._of_metaclass(*found, depth - 1) if found is not None else ()

    def _definition(self, name: str) -> Definition | None:
        """Where a name is defined; other packages than those of the functions have none of them."""
        return definition_of(self._sources, name, self._functions.tops)

    def _called(self, module: str, name: str) -> Iterator[Key]:
        methods = (*sorted(CONSTRUCTORS), "__set_name__")
        keys = (Key(module, "", name), *(Key(module, name, inner) for inner in methods))
        yield from (key for key in keys if self._functions.of(key))

    def _method(self, module: str, owner: str, name: str, depth: int = _DEEPEST) -> Iterator[Callee]:
        """A method of a class or, where it has none, of its bases."""
        key = Key(module, owner, name)
        if self._functions.of(key):
            yield Callee(key)
            return
        facts = self._sources.facts(module) if depth else None
        if facts is None:
            return
        for base in next((item.bases for item in facts.classes if item.name == owner), ()):
            found = self._definition(resolve_local(facts, base)) if base else None
            if found is not None and "." not in found[1]:
                yield from self._method(*found, name, depth - 1)


def own_name(facts: Facts, name: str) -> str:
    """The absolute name behind one that a file writes at its top level."""
    head = name.partition(".")[0]
    return f"{facts.module}.{name}" if binds(facts, head) else resolve(facts, name)


def made_by(facts: Facts, name: str) -> str:
    """What is called to make an object at module level, as it is written; '' where the file does not tell."""
    made = (item.value for item in facts.bindings if item.name == name and item.value.kind == "call")
    return next((value.text for value in made), "")
