"""A closure as a graph: its modules, and which of them each imports."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from nequip_lint.closure.packaged import Closure, Verdict
from nequip_lint.facts.values import Facts, Import
from nequip_lint.machine.target import Target
from nequip_lint.reports.prediction import describe
from nequip_lint.reports.recorded import PackageClosure


class ImportGraph(NamedTuple):
    """Modules with what happens to each, and by importer the modules that its imports name.

    `title` says what it is the graph of.
    """

    title: str
    roots: tuple[str, ...]
    modules: Mapping[str, Verdict]
    imports: Mapping[str, tuple[str, ...]]

    @property
    def unreached(self) -> list[str]:
        """The modules that no import of another one names, and that are no roots."""
        named = {name for names in self.imports.values() for name in names}
        return [name for name in self.modules if name not in named and name not in self.roots]

    def edges(self) -> Iterator[tuple[str, str]]:
        """Each importer with each module that it imports."""
        return ((name, other) for name, others in self.imports.items() for other in others)

    def told(self, module: str) -> str:
        """What happens to a module where that needs to be said; '' for source that travels."""
        action = self.modules[module].action
        return "" if action == "intern" else action

    def spanning(self) -> ImportGraph:
        """The graph with the first way to each module alone."""
        seen = set(self.roots)
        kept: dict[str, tuple[str, ...]] = {}
        queue = [*self.roots, *self.unreached]
        for name in queue:
            first = tuple(other for other in self.imports.get(name, ()) if other not in seen)
            seen.update(first)
            queue += first
            kept[name] = first
        return self._replace(imports=kept)


def graph_of(closure: Closure, target: Target, facts_of: Callable[[str], Facts | None]) -> ImportGraph:
    """The graph of a predicted closure.

    Args:
        closure: of some roots.
        target: the machine that it is for.
        facts_of: gives the facts of its modules, as far as these are at hand.
    """
    first: dict[str, list[str]] = {}
    for name, edge in closure.via.items():
        first.setdefault(edge.importer.module, []).append(name)
    imports = {
        name: _imported(facts_of(name), first.get(name, ()), closure.modules) for name in closure.of("intern")
    }
    return ImportGraph(f"target: {describe(target)}", closure.roots, _sorted(closure.modules), imports)


def _sorted(modules: Mapping[str, Verdict]) -> dict[str, Verdict]:
    return dict(sorted(modules.items()))


def _imported(facts: Facts | None, first: Sequence[str], modules: Mapping[str, Verdict]) -> tuple[str, ...]:
    """The modules that a module imports, in the order of its statements."""
    statements = facts.imports if facts is not None else ()
    named = (name for item in statements if item.walked for name in _names(item, modules))
    return tuple(name for name in dict.fromkeys((*named, *first)) if name in modules)


def _names(item: Import, modules: Mapping[str, Verdict]) -> Iterator[str]:
    """The modules that an import of packaged code means: submodules, else the module itself."""
    base = item.module or ""
    below = [f"{base}.{name}" for name, _ in item.names]
    yield from below
    if not below or any(name not in modules or modules[name].action == "dropped" for name in below):
        yield base


def package_graph(item: PackageClosure) -> ImportGraph:
    """The graph of what a package records: the first import that led to each module."""
    found: dict[str, list[str]] = {}
    for name, step in item.steps.items():
        if name in item.actions and name not in item.roots and step.module in item.actions:
            found.setdefault(step.module, []).append(name)
    imports = {name: tuple(names) for name, names in found.items()}
    modules = {name: Verdict(action) for name, action in item.actions.items()}
    return ImportGraph(f"package: {item.path}", item.roots, _sorted(modules), imports)
