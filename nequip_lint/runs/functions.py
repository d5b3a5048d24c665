"""The functions of some files, and which of them the code of each may call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from nequip_lint.facts.details import Body, Details
from nequip_lint.facts.names import resolve
from nequip_lint.facts.values import Facts
from nequip_lint.project.roots import definition_of, resolve_local
from nequip_lint.project.sources import Sources

CONSTRUCTORS = frozenset({"__init__", "__new__", "__post_init__", "__init_subclass__"})


class Key(NamedTuple):
    """A function: its module, its class or '', its name; both are '' for the code of the module itself."""

    module: str
    owner: str
    name: str


class Function(NamedTuple):
    """A function, or the code of a module, with the facts of its file."""

    facts: Facts
    details: Details
    body: Body


class Functions:
    """The functions of some files by their keys; one that is defined twice counts with all that it does.

    Args:
        files: the facts of the files.
        sources: tells details, and where names are defined.
    """

    def __init__(self, files: Iterable[Facts], sources: Sources) -> None:
        self._sources = sources
        self._found: dict[Key, list[Function]] = {}
        self._methods: dict[str, list[Key]] = {}
        for facts in files:
            details = sources.details(facts)
            for body in details.bodies:
                key = Key(facts.module, body.owner, body.name)
                self._found.setdefault(key, []).append(Function(facts, details, body))
        for key in self._found:
            if key.owner and key.name not in CONSTRUCTORS:
                self._methods.setdefault(key.name, []).append(key)

    def __iter__(self) -> Iterator[Key]:
        return iter(self._found)

    def of(self, key: Key) -> list[Function]:
        """The definitions of a function; none where the files have no such function.

        Args:
            key: of the function.
        """
        return self._found.get(key, [])

    def called_by(self, key: Key) -> Iterator[Key]:
        """The functions that a function may call, or hand on to something that calls them.

        A name is followed through imports; an attribute stands for the methods of that name of any class.

        Args:
            key: of the function.
        """
        for function in self.of(key):
            for name in function.body.names:
                yield Key(key.module, "", name)
            for name in function.body.reads:
                yield from self._read(function.facts, key.owner, name)
            for name, _ in function.body.calls:
                yield from self._made(function.facts, name)

    def _read(self, facts: Facts, owner: str, name: str) -> Iterator[Key]:
        head, dot, _ = name.partition(".")
        last = name.rpartition(".")[2]
        own = Key(facts.module, owner, last)
        if dot and head in ("self", "cls") and own in self._found:
            yield own
        elif dot:
            yield from self._methods.get(last, ())
        full = resolve(facts, name)
        defined = definition_of(self._sources, full) if full != name else None
        if defined is not None:
            yield Key(defined[0], "", defined[1])

    def _made(self, facts: Facts, name: str) -> Iterator[Key]:
        """The constructors of a class that is called."""
        defined = definition_of(self._sources, resolve_local(facts, name))
        if defined is not None:
            yield from (Key(*defined, constructor) for constructor in CONSTRUCTORS)
