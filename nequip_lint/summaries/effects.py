"""What a released module does to whoever imports it: equal effects make equal verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from nequip_lint.closure.packaged import packaged_set
from nequip_lint.closure.world import World
from nequip_lint.facts.values import Condition, Facts, Import, Place, negated
from nequip_lint.hazards.hazard import hazards
from nequip_lint.machine import standard_library as stdlib
from nequip_lint.machine.evaluate import catches
from nequip_lint.machine.libraries import is_optional
from nequip_lint.machine.target import EVERYTHING, Patterns, covers
from nequip_lint.project.registrations import defaults, registrations_written
from nequip_lint.project.sources import Sources
from nequip_lint.summaries.releases import Summary, summarised

_UNTOLD = frozenset({Condition("unknown"), negated(Condition("unknown"))})


class Below(NamedTuple):
    """The modules of a package that others build on: those without effect in any release, and all others."""

    quiet: frozenset[str] = frozenset()
    loud: frozenset[str] = frozenset()

    def settles(self, item: Import) -> bool:
        """Whether an import has no effect with any release, whatever its names turn out to be."""
        return item.module in self.quiet and self.loud.isdisjoint(_submodules(item))


class Effects:
    """The effects of the modules of one release.

    Args:
        summary: of the release.
        registered: what every release of nequip registers that it may be installed with.
        below: what is known of the modules that the release imports.
    """

    def __init__(
        self,
        summary: Summary,
        registered: frozenset[str] = frozenset(),
        below: Below = Below(),  # noqa: B008  an immutable value
    ) -> None:
        self.below = below
        self._registered = registered
        self.package = summary.package
        self.required = summary.required
        self.extensions = summary.extensions
        self.modules = [name for name in summary.modules if not summary.is_namespace(name)]
        sources = Sources(summaries={summary.package: summary})
        self.world = World(sources, Patterns(intern=frozenset({summary.package})), EVERYTHING)
        self._extern, self._mock = defaults(sources)
        self._events = {name: frozenset(_events(facts, self)) for name, facts in self._facts()}
        self._imported = {name: frozenset(self._edges(facts)) for name, facts in self._facts()}

    def _facts(self) -> Iterator[tuple[str, Facts]]:
        for name in self.modules:
            facts = self.world.sources.facts(name)
            if facts is not None:
                yield name, facts

    def is_own(self, module: str | None) -> bool:
        """Whether a module belongs to the released package."""
        return module is not None and module.partition(".")[0] == self.package

    def declared(self) -> frozenset[str]:
        """What holds for the whole release, one text for each fact about one library."""
        registered = [("extern", self._extern), ("mock", self._mock), ("required", self.required)]
        return frozenset(f"{word} {name}" for word, names in registered for name in names)

    def of_entry_points(self) -> frozenset[Any]:
        """The entry points of the release, and the registrations that it holds, whether they run or not."""
        calls = registrations_written(facts for _, facts in self._facts())
        return frozenset({(item.extern, item.mock) for item in calls}) | {self.extensions}

    def of_packaging(self, module: str) -> frozenset[Any] | None:
        """What torch.package comes to outside of the package; None where the release has no such module."""
        return frozenset(self._packaged(module)) if module in self._events else self._other(module)

    def of_importing(self, module: str) -> frozenset[Any] | None:
        """What may fail when a module is imported; None where the release has no such module."""
        return frozenset(self._run(module)) if module in self._events else self._other(module)

    def is_felt(self, module: str) -> bool:
        """Whether a module has any effect."""
        return bool(self.of_packaging(module) or self.of_importing(module))

    def _other(self, module: str) -> frozenset[Any] | None:
        place = self.world.sources.location(module)
        return None if place is None else frozenset({place.kind})

    def _packaged(self, module: str) -> Iterator[tuple[Any, ...]]:
        """Each import that leads outside, with the first `__init__` on the way there."""
        closure = packaged_set([module], self.world, self.is_own)
        for name in closure.of("intern"):
            facts = self.world.sources.facts(name)
            if facts is None:
                continue
            passed = (*(step.module for step in closure.chain(name)), name)
            heavy = next((item for item in passed if self._is_package(item)), "")
            for item in facts.imports:
                is_outside = item.walked and not self.is_own(item.module) and not self.below.settles(item)
                if is_outside and self._is_open(item.module):
                    yield "packaged", *_named(item), heavy

    def _is_open(self, module: str | None) -> bool:
        """Whether the release itself does not settle what is done with a module outside of it."""
        registered = self._extern | self._mock | self._registered
        return _matters(module) and not (module and covers(registered, module))

    def _is_package(self, module: str) -> bool:
        facts = self.world.sources.facts(module)
        return facts is not None and facts.is_package

    def _run(self, module: str) -> Iterator[Any]:
        """What happens when it is imported: surely; and where, under tests and handlers on the way."""
        surely = self._reached(module, follows_all=False)
        perhaps = self._reached(module, follows_all=True)
        yield from (event for name in surely for event in self._events[name])
        yield from ((name, event) for name in perhaps - surely for event in self._events[name])
        if any(self._events[name] for name in perhaps - surely):
            yield from ((name, edge) for name in perhaps for edge in self._imported[name] if _tests(edge[1]))

    def _reached(self, module: str, *, follows_all: bool) -> set[str]:
        found: set[str] = set()
        pending = [module]
        while pending:
            name = pending.pop()
            if name in found or name not in self._events:
                continue
            found.add(name)
            pending.append(name.rpartition(".")[0])
            pending += [item for item, place in self._imported[name] if follows_all or not _tests(place)]
        return found

    def _edges(self, facts: Facts) -> Iterator[tuple[str, Place]]:
        for item in facts.imports:
            if item.place.at_import and item.module is not None and self.is_own(item.module):
                yield item.module, item.place
                yield from ((f"{item.module}.{name}", item.place) for name, _ in item.names)


def registered_by_all(releases: Iterable[Summary]) -> frozenset[str]:
    """What every release of nequip registers as extern or mock."""
    found = [defaults(Sources(summaries={item.package: item})) for item in releases]
    return frozenset.intersection(*(extern | mock for extern, mock in found)) if found else frozenset()


def below(effects: Sequence[Effects]) -> Below:
    """What all releases of a package have in common, for the effects of those that import it."""
    every = {name for item in effects for name in item.modules}
    loud = frozenset(name for item in effects for name in item.modules if item.is_felt(name))
    return Below(frozenset(every - loud), loud)


def _events(facts: Facts, effects: Effects) -> Iterator[tuple[Any, ...]]:
    """What the module itself does at import that may fail somewhere; what no test tells cannot be judged."""
    told = [
        (hazard.field, item)
        for hazard in hazards()
        for item in hazard.facts(facts)
        if not any(map(_is_untold, item.place.guards)) and _may_fail(item, effects)
    ]
    yield from ((field, *_said(item), item.place) for field, item in told)
    asked = {name for _, item in told for guard in item.place.guards for name in _names(guard)}
    yield from (("flag", b.name, b.place, b.value) for b in facts.bindings if b.name in asked)
    yield from (("test", f.name, f.returns) for f in facts.functions if f.name in asked)
    if facts.problem:
        yield "problem", facts.problem


def _said(item: Any) -> tuple[Any, ...]:
    """What a fact says, wherever its statement stands."""
    if isinstance(item, Import):
        return _named(item)
    return tuple(value for name, value in item._asdict().items() if name not in ("span", "place"))


def _is_untold(test: Condition) -> bool:
    """Whether nothing in source tells of a test, or only the process that runs it does."""
    return test in _UNTOLD or _asks_process(test)


def _asks_process(test: Condition) -> bool:
    return test.kind in ("variable", "loaded") or any(map(_asks_process, test.parts))


def _may_fail(item: Any, effects: Effects) -> bool:
    """Whether an import leaves the package and may fail: what a release requires is where the release is."""
    if not isinstance(item, Import) or item.module is None:
        return True
    if effects.is_own(item.module) or effects.below.settles(item):
        return False
    if stdlib.is_stdlib(item.module):
        return any(covers(stdlib.spans(), name) for name in (item.module, *_submodules(item)))
    top = item.module.partition(".")[0]
    if top not in summarised() and catches(item.place.caught, "ModuleNotFoundError"):
        return False
    return top in summarised() or (top != "torch" and (top not in effects.required or is_optional(top)))


def _named(item: Import) -> tuple[str | None, tuple[str, ...]]:
    """What an import names: of packages with summaries the submodules too, which releases have or lack."""
    is_summarised = item.module is not None and item.module.partition(".")[0] in summarised()
    return item.module, _submodules(item) if is_summarised else ()


def _submodules(item: Import) -> tuple[str, ...]:
    return tuple(f"{item.module}.{name}" for name, _ in item.names)


def _matters(module: str | None) -> bool:
    return module is None or not stdlib.is_implicitly_external(module)


def _tests(place: Place) -> bool:
    return bool(place.guards or place.caught)


def _names(condition: Condition) -> Iterable[str]:
    if condition.kind in ("name", "call"):
        yield condition.text
    for part in condition.parts:
        yield from _names(part)
