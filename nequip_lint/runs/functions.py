"""The functions of some files, and which of them the code of each may call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from nequip_lint.facts.details.bodies import Body
from nequip_lint.facts.details.module import Details
from nequip_lint.facts.names import full_names
from nequip_lint.facts.values import Facts
from nequip_lint.project.roots import definition_of
from nequip_lint.project.sources import Sources

_REDUCING = frozenset({"__reduce__", "__reduce_ex__", "__getnewargs__", "__getnewargs_ex__"})
"""Methods that tell pickle what to call for a new object."""
_PROPERTIES = frozenset({"property", "cached_property", "functools.cached_property"})
CONSTRUCTORS = frozenset({"__init__", "__new__", "__post_init__", "__init_subclass__"})
_OF_METACLASS = ("__new__", "__init__")
"""What a class statement calls of a metaclass."""


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

    Attributes:
        tops: the top-level packages of the files.
    """

    def __init__(self, files: Iterable[Facts], sources: Sources) -> None:
        self._sources = sources
        self._found: dict[Key, list[Function]] = {}
        self._methods: dict[str, list[Key]] = {}
        self._led_to: dict[Key, Iterable[Key]] = {}
        self._called: dict[tuple[str, str], set[str]] = {}
        tops: set[str] = set()
        self._defined: set[str] = set()
        for facts in files:
            details = sources.details(facts)
            tops.add(facts.module.partition(".")[0])
            own = {item.name: f"{facts.module}.{item.name}" for item in facts.classes}
            names = own | full_names(facts.imports)
            for body in details.bodies:
                key = Key(facts.module, body.owner, body.name)
                self._found.setdefault(key, []).append(Function(facts, details, body, names))
                self._defined.add(key.owner or key.name)
                self._called.setdefault(key[:2], set()).update(_own_methods(body))
        self.tops = frozenset(tops)
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

    def called_by(self, key: Key) -> Iterable[Key]:
        """The functions that a function may call, or hand on to something that calls them.

        A name is followed through imports; an attribute stands for the methods of that name of any class.

        Args:
            key: of the function.
        """
        if key not in self._led_to:
            self._led_to[key] = dict.fromkeys(self._leads(key))
        return self._led_to[key]

    def _leads(self, key: Key) -> Iterator[Key]:
        for function in self.of(key):
            for name in function.body.reads:
                yield Key(key.module, "", name)
                yield from self._read(key, name)
                yield from self._named(function, name, [""])
            for name in {item.name for item in function.body.calls}:
                owner, _, method = name.rpartition(".")
                yield from self._named(function, name, CONSTRUCTORS)
                yield from self._named(function, owner, [method]) if method in _OF_METACLASS else ()
            yield from self._again(key, function)

    def _again(self, key: Key, function: Function) -> Iterator[Key]:
        """The constructors that a method calls for another object of a class, itself or through pickle."""
        reads = function.body.reads if key.name in _REDUCING else frozenset()
        used = {item.name for item in function.body.calls} | reads
        own = ("cls", "self.__class__", "type") if reads else ("cls", "self.__class__")
        if key.owner and not used.isdisjoint(own):
            yield from (key._replace(name=name) for name in CONSTRUCTORS)
        for name in reads:
            yield from self._named(function, name, CONSTRUCTORS)

    def surely_called_by(self, key: Key) -> Iterator[Key]:
        """The functions that a function calls whenever it runs to its end.

        A method that only one class has is taken to be that one's.

        Args:
            key: of the function.
        """
        for function in self.of(key):
            conducts = (item for item in function.details.conducts if (item.owner, item.name) == key[1:])
            found = tuple(conducts)
            yield from self._asked(key, function, {name for item in found for name in item.asked})
            yield from self._decorating(function, ("__call__", "__get__"))
            for name in {name for item in found for name in item.sure}:
                last = name.rpartition(".")[2]
                if "()." in name:
                    made = name.partition("().")[0]
                    yield from self._methods_of(function, made, (last,))
                    continue
                if name.startswith("self."):
                    yield from self._of_attribute(key, function, name[5:])
                yield Key(key.module, "", name)
                yield from self._named(function, name, ["", "__init__"])
                if name in (f"self.{last}", f"cls.{last}"):
                    yield key._replace(name=last)
                elif "." in name and len(self._methods.get(last, ())) == 1:
                    yield from self._methods[last]

    def decorators(self, key: Key) -> Iterator[Key]:
        """The functions that decorate a function.

        Args:
            key: of the function.
        """
        for function in self.of(key):
            yield from self._decorating(function, ("",))

    def _decorating(self, function: Function, methods: Iterable[str]) -> Iterator[Key]:
        for name in function.body.decorators:
            yield from self._methods_of(function, name, methods)

    def _methods_of(self, function: Function, name: str, methods: Iterable[str]) -> Iterator[Key]:
        """What a name of a file stands for: a function (''), or methods of a class."""
        keys = (Key(function.facts.module, name if each else "", each or name) for each in methods)
        here = [key for key in keys if self.of(key)]
        yield from here or self._named(function, name, methods)

    def _asked(self, key: Key, function: Function, names: Iterable[str]) -> Iterator[Key]:
        """The properties of the own class among some attributes."""
        for name in names:
            own = key._replace(name=name)
            if any(_PROPERTIES.intersection(item.body.decorators) for item in self.of(own)):
                yield own

    def _of_attribute(self, key: Key, function: Function, name: str) -> Iterator[Key]:
        """What a call of an attribute, or of a method of it, runs: of the one object that is kept there."""
        attribute, _, method = name.partition(".")
        made = [item for item in function.details.made if item.name == f"{key.owner}.self.{attribute}"]
        if len(made) != 1 or "." in method:
            return
        if made[0].how == "name":
            yield from self._methods_of(function, made[0].called, ("",)) if not method else ()
        else:
            yield from self._methods_of(
                function, made[0].called, (method,) if method else ("__call__", "forward")
            )

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
        is_ours = full.partition(".")[0] in self.tops and full.rpartition(".")[2] in self._defined
        defined = definition_of(self._sources, full, self.tops) if is_ours else None
        if defined is not None:
            module, inner = defined
            yield from (Key(module, inner, each) if each else Key(module, "", inner) for each in methods)


def _own_methods(body: Body) -> Iterator[str]:
    """The attributes of `self` and `cls` that a method reads."""
    parts = (name.split(".", 2) for name in body.reads)
    return (part[1] for part in parts if len(part) == 2 and part[0] in ("self", "cls"))
