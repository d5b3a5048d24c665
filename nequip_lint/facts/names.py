"""What imports bind, and what a dotted name in a module stands for through them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from nequip_lint.facts.values import Binding, Facts, Import, LibraryUse

_Item = TypeVar("_Item")
_Made = TypeVar("_Made")
_MOST = 4096
"""Tuples of which something is remembered."""


class Names(dict[str, str]):
    """The absolute dotted name behind each name that imports bind; the first import of a name counts."""

    def add(self, imports: Iterable[Import]) -> None:
        """Take in more imports."""
        for item in imports:
            for bound, full in _bound_by(item):
                self.setdefault(bound, full)

    def full(self, name: str) -> str:
        """The absolute dotted name behind a name that an import binds; else the name."""
        head, dot, rest = name.partition(".")
        return f"{self[head]}{dot}{rest}" if head in self else name

    def last(self, name: str) -> str:
        """The last part of the absolute name: what is meant, whatever an import calls it."""
        return self.full(name).rpartition(".")[2]


def full_names(imports: Iterable[Import]) -> Names:
    """The names that some imports bind."""
    names = Names()
    names.add(imports)
    return names


def resolve(facts: Facts, name: str) -> str:
    """The absolute dotted name behind `name`, or `name` itself where no import binds it.

    Args:
        facts: of the module in which the name is read.
        name: as written, for example `tl.load`.
    """
    return _names_of(facts.imports).full(name)


def binds(facts: Facts, name: str) -> bool:
    """Whether a module binds a name at its top level, imported ones aside."""
    return name in _bound_at_top(facts.bindings)


def _remembering(make: Callable[[tuple[_Item, ...]], _Made]) -> Callable[[tuple[_Item, ...]], _Made]:
    """Make something of each tuple once; the tuples of facts stay as they are, and are told by identity."""
    known: dict[int, tuple[tuple[_Item, ...], _Made]] = {}

    def made(items: tuple[_Item, ...]) -> _Made:
        found = known.get(id(items))
        if found is None or found[0] is not items:
            if len(known) == _MOST:
                known.clear()
            found = known[id(items)] = items, make(items)
        return found[1]

    return made


_names_of = _remembering(full_names)


@_remembering
def _bound_at_top(bindings: tuple[Binding, ...]) -> frozenset[str]:
    return frozenset(item.name for item in bindings)


def looks_like_class(name: str) -> bool:
    """Whether a dotted name is written as those of classes are."""
    return name.rpartition(".")[2][:1].isupper()


def last_part(facts: Facts, name: str) -> str:
    """The last part of the absolute name behind `name`: what is meant, whatever an import calls it."""
    return resolve(facts, name).rpartition(".")[2]


def _bound_by(item: Import) -> Iterator[tuple[str, str]]:
    """The names that an import binds, each with what it stands for."""
    if item.module is None or item.bound == "__import__":
        return
    if not item.names:
        yield item.bound, _module_of(item, item.module)
    for name, bound in item.names:
        yield bound, f"{item.module}.{name}"


def _module_of(item: Import, module: str) -> str:
    """What `import a.b` binds: `a`; with `as` it is all of it."""
    top = module.partition(".")[0]
    return top if item.bound == top else module


def package_of(facts: Facts) -> str:
    """The package that a module is, or lies in."""
    return facts.module if facts.is_package else facts.module.rpartition(".")[0]


def bound_names(item: Import) -> list[str]:
    """The names that an import binds, star imports aside."""
    if item.names:
        return [bound for _, bound in item.names if bound != "*"]
    return [] if item.bound == "__import__" else [item.bound]


def binding_import(facts: Facts, use: LibraryUse) -> Import | None:
    """The import that binds the first part of a used name; at import one that runs then."""
    head = use.name.partition(".")[0]
    found = (item for item in facts.imports if head in bound_names(item))
    return next((item for item in found if item.place.at_import or use.where != "import"), None)
