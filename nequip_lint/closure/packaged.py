"""The packaged set: torch.package's dependency walk over facts instead of imported modules."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from nequip_lint.closure.mocks import kept_mocks
from nequip_lint.closure.second_names import written_twice
from nequip_lint.closure.world import World
from nequip_lint.declared.locate import Kind
from nequip_lint.facts.values import Facts, Import
from nequip_lint.hazards import refusals
from nequip_lint.hazards.cause import Reason
from nequip_lint.hazards.imports import BEYOND_TOP, leaving
from nequip_lint.machine import standard_library as stdlib
from nequip_lint.machine.evaluate import Judge
from nequip_lint.values import Chain, Span, Step

UNSOURCED = {
    Kind.NAMESPACE: refusals.NAMESPACE,
    Kind.BINARY: refusals.BINARY,
    Kind.BYTECODE: refusals.BYTECODE,
}
"""What is wrong with an internal module that has no Python source of its own."""


class Verdict(NamedTuple):
    """What happens to one module: intern, extern, mock, refused, dropped or absent."""

    action: str
    why: Reason | None = None

    @property
    def reason(self) -> str:
        """Why, in words; '' where there is nothing to say."""
        return "" if self.why is None else str(self.why)


class Edge(NamedTuple):
    """One import statement of one module that names another module."""

    importer: Facts
    item: Import


class Closure(NamedTuple):
    """Verdicts by module, and for every module but the roots the first statement that reached it."""

    roots: tuple[str, ...]
    modules: dict[str, Verdict]
    via: dict[str, Edge]

    def of(self, action: str) -> list[str]:
        """The modules with one action, sorted."""
        return sorted(name for name, verdict in self.modules.items() if verdict.action == action)

    def chain(self, module: str) -> Chain:
        """The statements that lead from a root to a module; the shortest such chain."""
        steps: list[Step] = []
        while module in self.via and len(steps) < len(self.via):
            edge = self.via[module]
            steps.append(step_of(edge))
            module = edge.importer.module
        return tuple(reversed(steps))


def step_of(edge: Edge) -> Step:
    """An edge as a step of a chain."""
    importer, item = edge
    return Step(importer.module, importer.path, item.span.line, item.statement)


def span_of(step: Step, facts: Facts | None) -> Span:
    """The region of the import that a step is; its line, where the step is no import or nothing tells.

    Args:
        step: of a chain.
        facts: of its module.
    """
    imports = facts.imports if facts is not None else ()
    line = Span(step.line, 1, step.line, 1)
    return next((item.span for item in imports if item.span.line == step.line), line)


def packaged_set(
    roots: Iterable[str],
    world: World,
    within: Callable[[str], bool] | None = None,
    ways: Mapping[str, Edge] = MappingProxyType({}),
) -> Closure:
    """Predict what torch.package collects.

    Args:
        roots: the modules that pickles refer to.
        world: the target, sources and patterns.
        within: limits the walk: the imports of a module for which it is false are not followed.
        ways: the imports by which linted code comes to roots that it does not have itself; those to which
            packaged code leads have a chain without them.
    """
    starts = tuple(dict.fromkeys(roots))
    found, makers = _walk(starts, world, within)
    made = _made([*makers, *_around(starts, world)], world)
    closure = _walk(starts, world.making(made), within)[0] if made else found
    return _without_mocks(_written_once(closure._replace(via={**ways, **closure.via})), world)


def _written_once(found: Closure) -> Closure:
    """The closure with refusals of packages that it has by a second name as well."""
    modules = dict(found.modules)
    for name, package in written_twice(found.of("intern")):
        modules[name] = Verdict("refused", Reason(refusals.TWICE, (package,)))
    return found._replace(modules=modules)


def _without_mocks(found: Closure, world: World) -> Closure:
    """The closure with refusals of mocked modules of which the model keeps objects."""
    modules, via = dict(found.modules), dict(found.via)
    for root in found.roots:
        facts = world.sources.facts(root) if modules[root].action == "intern" else None
        for module, item in kept_mocks(facts, world) if facts is not None else ():
            modules[module] = Verdict("refused", Reason(refusals.MOCK_KEPT, (item.use.name,)))
            via.setdefault(module, Edge(item.facts, item.item))
    return found._replace(modules=modules, via=via)


def _around(starts: Iterable[str], world: World) -> Iterator[Facts]:
    """The packages around some modules, which run before them."""
    for package in {start.rpartition(".")[0] for start in starts}:
        while package:
            facts = world.sources.facts(package)
            if facts is not None and facts.made_modules:
                yield facts
            package = package.rpartition(".")[0]


def _made(makers: Iterable[Facts], world: World) -> dict[str, str]:
    """The modules that code makes for certain, with the module of that code."""
    judged = ((facts, Judge(facts, world.target, world.importable)) for facts in makers)
    return {
        item.name: facts.module
        for facts, judge in judged
        for item in facts.made_modules
        if judge.all(item.place.guards)
    }


def _walk(
    starts: tuple[str, ...], world: World, within: Callable[[str], bool] | None
) -> tuple[Closure, list[Facts]]:
    """The closure, and the facts of the walked modules that make others at run time.

    Linted roots come first, so that what they import has a chain, other roots included.
    """
    modules: dict[str, Verdict] = {}
    makers: list[Facts] = []
    via: dict[str, Edge] = {}
    tops = world.sources.tops
    own = {start: None for start in starts if start.partition(".")[0] in tops} or dict.fromkeys(starts)
    queue, later = deque(own), deque(start for start in starts if start not in own)
    while queue or later:
        module = queue.popleft() if queue else later.popleft()
        if module in modules and modules[module].action not in ("dropped", "absent"):
            continue
        verdict, facts = action_of(module, world)
        modules[module] = verdict
        if facts is None or (within is not None and not within(module)):
            continue
        makers += [facts] if facts.made_modules else []
        for edge, name, found in dependencies(facts, world):
            if name not in modules and name not in own:
                via.setdefault(name, edge)
            if found is None:
                queue.append(name)
            elif name not in modules:
                modules[name] = found
    return Closure(starts, modules, via), makers


def action_of(module: str, world: World) -> tuple[Verdict, Facts | None]:
    """What torch.package does with a module that exists, and its facts where its imports are walked."""
    if stdlib.is_implicitly_external(module, world.target.python):
        return Verdict("extern", Reason(refusals.IMPLICIT)), None
    action = world.patterns.action(module)
    if action in ("extern", "mock"):
        return Verdict(action, Reason(refusals.REGISTERED)), None
    if action is None:
        cause = refusals.DISALLOWED if module in stdlib.DISALLOWED else refusals.UNREGISTERED
        return Verdict("refused", Reason(cause)), None
    place = world.sources.location(module)
    if place is None and module in world.made:
        return Verdict("refused", Reason(refusals.MADE, (world.made[module],))), None
    if place is None:
        return Verdict("intern", Reason(refusals.NOT_AT_HAND)), None
    if place.kind is not Kind.SOURCE:
        return Verdict("refused", Reason(UNSOURCED[place.kind])), None
    facts = world.sources.facts(module)
    if facts is None or facts.problem:
        return Verdict("intern", Reason(refusals.NOT_READ)), None
    if any(leaving(facts)):
        return Verdict("refused", Reason(BEYOND_TOP)), None
    return Verdict("intern"), facts


def dependencies(facts: Facts, world: World) -> Iterator[tuple[Edge, str, Verdict | None]]:
    """Each module that a module's import statements name, as torch.package resolves them.

    Yields the edge, the name, and None where the walk goes on there, else why it does not:
    `dropped` (an internal file that does not import on the target) or `absent`.
    """
    for item in facts.imports:
        if not item.walked or item.module is None:
            continue
        edge = Edge(facts, item)
        names = [name for name, _ in item.names if name != "*"]
        needs_base = not names
        for name in names:
            submodule = f"{item.module}.{name}"
            if world.exists(submodule, candidate=True):
                yield edge, submodule, None
                continue
            needs_base = True
            lost = _lost(submodule, world)
            if lost is not None and lost.action == "dropped":
                yield edge, submodule, lost
        if needs_base:
            found = world.exists(item.module)
            yield from _named(edge, item.module, None if found else _lost(item.module, world), found)


def _named(
    edge: Edge, module: str, lost: Verdict | None, found: bool
) -> Iterator[tuple[Edge, str, Verdict | None]]:
    if found:
        yield edge, module, None
    elif lost is not None:
        yield edge, module, lost


def _lost(module: str, world: World) -> Verdict | None:
    """Why a named module does not exist on the target; None where it is no module at all."""
    if stdlib.is_stdlib(module, world.target.python):
        return None
    if world.sources.facts(module) is not None:
        failure = world.failure(module)
        is_internal = world.patterns.action(module) in ("intern", None)
        return None if failure is None else Verdict("dropped" if is_internal else "absent", failure.why)
    if world.present(module) is not True:
        return Verdict("absent", Reason(refusals.NOT_INSTALLED))
    return None
