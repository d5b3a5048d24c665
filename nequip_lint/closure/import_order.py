"""In which order modules run while nequip is imported, which imports extensions before it is complete.

`import nequip` runs `nequip/__init__`, which loads the entry points of its group. In some releases a module
that it imports before that imports `nequip.__init__` once more, under this name, which loads them there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import NamedTuple

from nequip_lint.closure.packaged import Edge
from nequip_lint.closure.world import World
from nequip_lint.facts.names import bound_names, last_part
from nequip_lint.facts.values import Binding, Call, Facts, Import
from nequip_lint.machine.evaluate import Judge, catches

_LOADER = "nequip"
_AGAIN = ".__init__"
_DEEPEST = 150
"""Modules that import one another in a row, past which nothing is told."""
_Statement = Import | Binding | Call


class Circle(NamedTuple):
    """An import of a name that a half imported module does not have yet.

    `edges` lead there from the entry point, the failing import the last.
    """

    name: str
    module: str
    edges: tuple[Edge, ...]


def circle(world: World, entries: Iterable[str], tops: frozenset[str]) -> Circle | None:
    """What ends the import of nequip where an extension is installed; None where nothing does for certain.

    Args:
        world: the machine and the sources at hand.
        entries: the modules that the entry points name.
        tops: the top-level names of the extension and of others that it uses.
    """
    order = _Order(world, tuple(entries), tops | {_LOADER})
    try:
        order.load(_LOADER, ())
    except _Circular as found:
        return found.circle
    except _Unknown:
        return None
    return None


class _Circular(Exception):
    """An import fails."""

    def __init__(self, circle: Circle) -> None:
        super().__init__()
        self.circle = circle


class _Unknown(Exception):
    """Some statement may fail or may not."""


class _Order:
    """The modules of one process, as far as they have run.

    Args:
        world: the machine and the sources at hand.
        entries: the modules that the entry points name.
        tops: the top-level names of the modules that are followed.
    """

    def __init__(self, world: World, entries: tuple[str, ...], tops: frozenset[str]) -> None:
        self._world = world
        self._entries = entries
        self._tops = tops
        self._bound: dict[str, set[str]] = {}
        self._complete: set[str] = set()

    def load(self, module: str, way: tuple[Edge, ...]) -> None:
        """Import a module, the packages around it first."""
        parent, _, last = module.rpartition(".")
        if module in self._bound or module.partition(".")[0] not in self._tops:
            return
        if parent:
            self.load(parent, way)
        facts = self._facts(module)
        if facts is None or module in self._bound:
            return
        if len(way) > _DEEPEST:
            raise _Unknown
        self._bound[module] = set()
        self._run(facts, module, way)
        self._complete.add(module)
        self._bound.get(parent, set()).add(last)

    def _facts(self, module: str) -> Facts | None:
        facts = self._world.facts(module.removesuffix(_AGAIN))
        return None if facts is not None and module.endswith(_AGAIN) and not facts.is_package else facts

    def _run(self, facts: Facts, module: str, way: tuple[Edge, ...]) -> None:
        judge = Judge(facts, self._world.target, self._world.importable)
        for statement in _statements(facts):
            holds = judge.all(statement.place.guards)
            if isinstance(statement, Call):
                self._load_entries(facts, statement)
            elif holds is not False and isinstance(statement, Binding):
                self._bound[module].add(statement.name)
            elif holds is not False and isinstance(statement, Import):
                self._import(statement, Edge(facts, statement), way, is_certain=bool(holds))
                self._bound[module].update(bound_names(statement))

    def _load_entries(self, facts: Facts, call: Call) -> None:
        """Load the entry points where nequip's `__init__` does."""
        is_loader = facts.module == _LOADER and call.name.endswith(".load")
        if is_loader and any(last_part(facts, name) == "entry_points" for name in _names(facts)):
            for entry in self._entries:
                self.load(entry, ())

    def _import(self, item: Import, edge: Edge, way: tuple[Edge, ...], *, is_certain: bool) -> None:
        before = set(self._bound)
        try:
            self._take(item, (*way, edge))
        except _Circular:
            if not is_certain:
                raise _Unknown from None
            if not catches(item.place.caught, "ImportError"):
                raise
            for module in set(self._bound) - before - self._complete:
                del self._bound[module]

    def _take(self, item: Import, way: tuple[Edge, ...]) -> None:
        module = item.module or ""
        self.load(module, way)
        for name, _ in item.names if module in self._bound else ():
            if name in self._bound[module]:
                continue
            self.load(f"{module}.{name}", way)
            is_there = f"{module}.{name}" in self._bound or module in self._complete
            if not is_there and self._comes_later(module, name):
                raise _Circular(Circle(name, module, way))

    def _comes_later(self, module: str, name: str) -> bool:
        """Whether a module that has not run to its end surely gets a name only then."""
        facts = self._facts(module)
        if facts is None or "__getattr__" in {item.name for item in facts.bindings}:
            return False
        has_star = any(bound == "*" for item in facts.imports for _, bound in item.names)
        named = any(name in _bound_by(statement) for statement in _statements(facts))
        return named and not has_star


def _statements(facts: Facts) -> Iterator[_Statement]:
    """What binds names or calls something when a module is imported, in its order."""
    every: tuple[_Statement, ...] = (*facts.imports, *facts.bindings, *facts.calls)
    placed = [(item.span, item) for item in every if item.place.at_import]
    return (item for _, item in sorted(placed, key=itemgetter(0)))


def _bound_by(statement: _Statement) -> list[str]:
    if isinstance(statement, Import):
        return bound_names(statement)
    return [statement.name] if isinstance(statement, Binding) else []


def _names(facts: Facts) -> Iterator[str]:
    return (name for item in facts.imports for name in bound_names(item))
