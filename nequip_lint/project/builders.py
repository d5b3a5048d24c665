"""From builders to the classes that they make: through functions, tables and other packages' builders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from nequip_lint.closure.packaged import Edge
from nequip_lint.facts.names import full_names, resolve
from nequip_lint.facts.values import Facts, Import
from nequip_lint.project.leads import Leads
from nequip_lint.project.roots import Ancestry, Definition
from nequip_lint.project.sources import Sources

_DECORATOR = "nequip.model.model_builder"
_PART, _WRAPPER = "part", "wrapper"


class Builders:
    """Follows what definitions refer to, to the classes of models behind them.

    A function leads to what it names, a name at module level to what it holds and to the classes that are
    registered in it, a class of the linted files to what its methods name. What other packages' classes make
    is left alone: their modules import it.

    Args:
        ancestry: tells which classes are modules, and where names are defined.
        files: the facts of the linted files.

    Attributes:
        visited: the modules of all definitions that were followed.
    """

    def __init__(self, ancestry: Ancestry, files: Iterable[Facts]) -> None:
        self._ancestry = ancestry
        self._sources: Sources = ancestry.sources
        self._files = tuple(files)
        self._came: dict[Definition, tuple[Definition, str]] = {}
        self._followed: dict[Definition, list[tuple[Definition, str]]] = {}
        self._leads = Leads((_PART, _WRAPPER))
        self.visited: set[str] = set()

    def made_by(
        self, starts: Iterable[Definition], before: set[Definition] | None = None
    ) -> list[Definition]:
        """The classes that some definitions are or lead to, each once, the nearest first.

        Args:
            starts: pairs of module and name; a name may be that of a method.
            before: definitions that were followed already and are not followed again; grows.
        """
        made: dict[Definition, None] = {}
        seen = set() if before is None else before
        waiting = [start for start in dict.fromkeys(starts) if start not in seen]
        seen.update(waiting)
        for module, name in waiting:
            self.visited.add(module)
            head = name.partition(".")[0]
            if self._ancestry.kind(module, head):
                made[module, head] = None
                self._leads.mark((module, name), _WRAPPER if self.is_wrapper((module, head)) else _PART)
            if (module, name) not in self._followed:
                self._follow((module, name))
            for found, full in self._followed[module, name]:
                if found not in seen:
                    seen.add(found)
                    waiting.append(found)
                    self._came.setdefault(found, ((module, name), full))
        return list(made)

    def makes(self, definition: Definition) -> bool:
        """Whether a definition that was followed is, or leads to, a class that is part of a model."""
        return self._leads.to(_PART, definition)

    def lost(self, starts: Iterable[Definition]) -> list[Definition]:
        """The followed definitions that lead to what nequip wraps around models, and to no model.

        Args:
            starts: some that were followed; what others of them refer to is a helper of theirs.
        """
        only_wrap = [s for s in starts if self._leads.to(_WRAPPER, s) and not self.makes(s)]
        behind = {found for s in only_wrap for found, _ in self._followed[s] if found != s}
        return [s for s in only_wrap if s not in behind and not self.is_wrapper(s)]

    def is_wrapper(self, definition: Definition) -> bool:
        """Whether a class is one that nequip's decorator wraps around whatever a builder makes."""
        return definition[0].partition(".")[0] == "nequip" and definition in self._wrappers

    @cached_property
    def _wrappers(self) -> frozenset[Definition]:
        """The classes that nequip's decorator itself names: each model has them, and they tell nothing."""
        found = self._ancestry.definition(_DECORATOR)
        behind = self._behind(*found) if found is not None else ()
        return frozenset(item for item, _ in behind if self._ancestry.kind(*item))

    def _follow(self, definition: Definition) -> None:
        self._followed[definition] = list(self._behind(*definition))
        for found, _ in self._followed[definition]:
            self._leads.link(definition, found)

    def way_to(self, definition: Definition) -> Edge | None:
        """The import in a linted file by which a builder there comes to a definition of another package.

        Args:
            definition: one that was found.
        """
        while definition in self._came:
            definition, full = self._came[definition]
            module = definition[0]
            facts = self._sources.facts(module) if module.partition(".")[0] in self._sources.tops else None
            item = _import_of(facts, full) if facts is not None else None
            if facts is not None and item is not None:
                return Edge(facts, item)
        return None

    def _behind(self, module: str, name: str) -> Iterator[tuple[Definition, str]]:
        """The definitions to which one leads, each with the name by which it does."""
        facts = self._sources.facts(module)
        if facts is None or self._ends(facts, name):
            return
        head, dot, _ = name.partition(".")
        if dot and (facts.module.partition(".")[0] in self._sources.tops or not _is_class(facts, head)):
            yield (module, head), ""  # leads to the same as its owner
            return
        references = self._sources.references(facts)
        for key in self._keys(facts, name):
            for full in references.get(key, ()):
                if self._ancestry.is_followed(full):
                    found = self._ancestry.definition(full)
                    if found is not None:
                        yield found, full
        if not _is_defined(facts, name):
            yield from ((found, "") for found in self._registered_in((module, name.partition(".")[0])))

    def _ends(self, facts: Facts, name: str) -> bool:
        """Whether a definition leads nowhere: a constant or a class of another package."""
        head, dot, _ = name.partition(".")
        is_class = any(item.name == head for item in facts.classes)
        is_linted = facts.module.partition(".")[0] in self._sources.tops
        return not is_linted and (head.isupper() or (is_class and not dot))

    def _keys(self, facts: Facts, name: str) -> Iterator[str]:
        """Under which names the references of a definition are kept; a class's decorators make no part."""
        head, _, rest = name.partition(".")
        if all(item.name != head for item in facts.classes):
            yield head
            return
        methods = [key for key in self._sources.references(facts) if key.startswith(f"{head}.")]
        if facts.module.partition(".")[0] in self._sources.tops:
            yield from methods
        else:
            yield from (key for key in methods if key == f"{head}.{rest.partition('.')[0]}")

    def _registered_in(self, holder: Definition) -> Iterator[Definition]:
        """The classes that a decorator puts into a name: one of its methods, or a function that uses it."""
        yield from self._decorated.get(holder, ())
        module, name = holder
        facts = self._sources.facts(module)
        beside = [(key, found) for (home, key), found in self._decorated.items() if home == module]
        references = self._sources.references(facts) if facts is not None and beside else {}
        for decorator, classes in beside:
            if any(f"{full}.".startswith(f"{module}.{name}.") for full in references.get(decorator, ())):
                yield from classes

    @cached_property
    def _decorated(self) -> dict[Definition, list[Definition]]:
        """The classes of the linted files by what decorates them."""
        found: dict[Definition, list[Definition]] = {}
        for facts in self._files:
            classes = {item.name for item in facts.classes}
            for item in facts.decorations:
                full = resolve(facts, item.name)
                own = full if full != item.name else f"{facts.module}.{item.name}"
                defined = self._ancestry.definition(own) if item.target in classes else None
                if defined is not None:
                    module, name = defined
                    found.setdefault((module, name.partition(".")[0]), []).append((facts.module, item.target))
        return found


def _is_class(facts: Facts, name: str) -> bool:
    return any(item.name == name for item in facts.classes)


def _is_defined(facts: Facts, name: str) -> bool:
    """Whether a name is that of a function or class, and not of something assigned."""
    head = name.partition(".")[0]
    is_function = any(item.name == head for item in facts.functions)
    return is_function or any(item.name == head for item in facts.classes)


def _import_of(facts: Facts, full: str) -> Import | None:
    """The import of a file that binds the beginning of an absolute dotted name."""
    for item in facts.imports:
        if any(f"{full}.".startswith(f"{name}.") for name in full_names([item]).values()):
            return item
    return None
