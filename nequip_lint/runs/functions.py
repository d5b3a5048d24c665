"""The functions of some files, and which of them the code of each may call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from nequip_lint.facts.details import Body, Details
from nequip_lint.facts.names import full_names
from nequip_lint.facts.values import Facts
from nequip_lint.project.roots import definition_of
from nequip_lint.project.sources import Sources

CONSTRUCTORS = frozenset({"__init__", "__new__", "__post_init__", "__init_subclass__"})


class Key(NamedTuple):
    """A function: its module, its class or '', its name; both are '' for the code of the module itself."""

    module: str
    owner: str
    name: str


class Function(NamedTuple):
    """A function, or the code of a module, with the facts of its file.

    `names` are what the imports and classes of the file stand for.
    """

    facts: Facts
    details: Details
    body: Body
    names: Mapping[str, str]

    def full(self, name: str) -> str:
        """The absolute dotted name behind a name; '' for one that is neither imported nor a class here."""
        head, dot, rest = name.partition(".")
        return f"{self.names[head]}{dot}{rest}" if head in self.names else ""


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
        self._called: dict[tuple[str, str], set[str]] = {}
        self._tops: set[str] = set()
        self._defined: set[str] = set()
        for facts in files:
            details = sources.details(facts)
            self._tops.add(facts.module.partition(".")[0])
            own = {item.name: f"{facts.module}.{item.name}" for item in facts.classes}
            names = own | full_names(facts.imports)
            for body in details.bodies:
                key = Key(facts.module, body.owner, body.name)
                self._found.setdefault(key, []).append(Function(facts, details, body, names))
                self._defined.add(key.owner or key.name)
                self._called.setdefault(key[:2], set()).update(_own_methods(body))
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

    def is_called_by_own_class(self, key: Key) -> bool:
        """Whether a method of the same class names a method.

        Args:
            key: of the method.
        """
        return key.name in self._called.get(key[:2], ())

    def called_by(self, key: Key) -> Iterator[Key]:
        """The functions that a function may call, or hand on to something that calls them.

        A name is followed through imports; an attribute stands for the methods of that name of any class.

        Args:
            key: of the function.
        """
        for function in self.of(key):
            for name in function.body.reads:
                yield Key(key.module, "", name)
                yield from self._read(key, name)
                yield from self._named(function, name, [""])
            for name in {name for name, _ in function.body.calls}:
                yield from self._named(function, name, CONSTRUCTORS)

    def _read(self, key: Key, name: str) -> Iterator[Key]:
        """The methods that an attribute may be."""
        head, dot, _ = name.partition(".")
        last = name.rpartition(".")[2]
        own = key._replace(name=last)
        if dot and head in ("self", "cls") and own in self._found:
            yield own
        elif dot:
            yield from self._methods.get(last, ())

    def _named(self, function: Function, name: str, methods: Iterable[str]) -> Iterator[Key]:
        """What a name is imported from: a function (''), or methods of a class."""
        full = function.full(name)
        is_ours = full.partition(".")[0] in self._tops and full.rpartition(".")[2] in self._defined
        defined = definition_of(self._sources, full) if is_ours else None
        if defined is not None:
            module, inner = defined
            yield from (Key(module, inner, each) if each else Key(module, "", inner) for each in methods)


def _own_methods(body: Body) -> Iterator[str]:
    """The attributes of `self` and `cls` that a method reads."""
    parts = (name.split(".", 2) for name in body.reads)
    return (part[1] for part in parts if len(part) == 2 and part[0] in ("self", "cls"))
