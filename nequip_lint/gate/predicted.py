"""The closure of exact roots: here, on a machine that has everything, and what lies between the two."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple, Protocol

from nequip_lint.closure.after_model import once_made
from nequip_lint.closure.packaged import Closure, packaged_set
from nequip_lint.closure.recorded import recorded, registered_absent
from nequip_lint.closure.world import World
from nequip_lint.gate.environment import Environment
from nequip_lint.gate.judgement import building_machine
from nequip_lint.gate.losses import Loss, losses
from nequip_lint.machine import standard_library as stdlib
from nequip_lint.machine.target import EVERYTHING, Patterns, Target


class Registered(Protocol):
    """The registrations in force: import names per action."""

    @property
    def intern(self) -> Collection[str]: ...

    @property
    def extern(self) -> Collection[str]: ...

    @property
    def mock(self) -> Collection[str]: ...


class Predicted(NamedTuple):
    """What torch.package will collect.

    `full` is the closure on a machine with everything, `here` the one on this machine, which is `target`.
    `lost` are the modules of the former that the latter drops. `absent_externals` and `absent_mocks` are the
    registered libraries that are reached and not installed here.
    """

    patterns: Patterns
    target: Target
    full: Closure
    here: Closure
    lost: tuple[Loss, ...]
    absent_externals: frozenset[str]
    absent_mocks: frozenset[str]

    @property
    def interned(self) -> tuple[str, ...]:
        """The roots whose source is packaged."""
        return tuple(name for name in self.here.roots if self.patterns.action(name) == "intern")

    @property
    def packaged(self) -> frozenset[str]:
        """The modules whose source is packaged here."""
        return frozenset(self.here.of("intern"))


def predicted(
    environment: Environment,
    roots: Iterable[str],
    registered: Registered,
    gpu: bool,
    can_import: Callable[[str], bool],
) -> Predicted:
    """Predict the packaged set; the arguments are those of :func:`nequip_lint.api.judge_closure`."""
    patterns = Patterns(*map(frozenset, (registered.intern, registered.extern, registered.mock)))
    starts = tuple(sorted(roots))
    everything = World(environment.sources, patterns, EVERYTHING)
    full = packaged_set(starts, everything)
    broken = frozenset(name for name in _libraries(full, environment) if not can_import(name))
    broken -= environment.absent
    target = building_machine(environment, gpu)._replace(absent=environment.absent | broken, broken=broken)
    machine = once_made(World(environment.sources, patterns, target), starts)
    here = packaged_set(starts, machine)
    lost = losses(full, here, machine, everything)
    absent = (registered_absent(here, patterns, action) for action in ("extern", "mock"))
    return Predicted(patterns, target, full, recorded(here, patterns), lost, *absent)


def _libraries(closure: Closure, environment: Environment) -> set[str]:
    """Installed third-party libraries that the largest closure reaches."""
    reached = (*closure.of("extern"), *closure.of("mock"), *closure.of("refused"))
    tops = {name.partition(".")[0] for name in reached}
    return {top for top in tops if not stdlib.is_implicitly_external(top) and environment.sources.knows(top)}
