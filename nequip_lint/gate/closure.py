"""Gate B: the closure of exact roots on this machine, against the one on a machine that has everything."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Protocol

from nequip_lint.facts.values import Facts
from nequip_lint.gate.environment import Environment
from nequip_lint.gate.findings import elsewhere, owned_findings
from nequip_lint.gate.judgement import Allowed, Judgement, building_machine, sorted_out
from nequip_lint.gate.losses import Loss, losses
from nequip_lint.gate.placing import located
from nequip_lint.project import stdlib
from nequip_lint.project.closure import Closure, packaged_set
from nequip_lint.project.late import once_made
from nequip_lint.project.target import EVERYTHING, Patterns
from nequip_lint.project.world import World
from nequip_lint.values import Finding


class Registered(Protocol):
    """The registrations in force: import names per action."""

    @property
    def intern(self) -> Collection[str]: ...

    @property
    def extern(self) -> Collection[str]: ...

    @property
    def mock(self) -> Collection[str]: ...


def judge_closure(
    environment: Environment,
    roots: Iterable[str],
    registered: Registered,
    gpu: bool,
    imports: Callable[[str], bool],
    allowed: Allowed = frozenset(),
) -> Judgement:
    """Judge the packaged set of exact roots.

    Args:
        environment: what is installed.
        roots: every module that a pickle of the build names.
        registered: the registrations in force.
        gpu: whether this machine has a GPU.
        imports: whether an installed library can be imported here; asked of those that the closure reaches.
        allowed: accepted losses and findings.
    """
    patterns = Patterns(*map(frozenset, (registered.intern, registered.extern, registered.mock)))
    starts = tuple(sorted(roots))
    everything = World(environment.sources, patterns, EVERYTHING)
    full = packaged_set(starts, everything)
    broken = frozenset(name for name in _libraries(full, environment) if not imports(name))
    target = building_machine(environment, gpu)._replace(absent=broken)
    machine = once_made(World(environment.sources, patterns, target), starts)
    here = packaged_set(starts, machine)
    lost = losses(full, here, machine, everything)
    accepted_losses = tuple(loss for loss in lost if (loss.code, loss.module) in allowed)
    errors = [_loss_finding(environment, loss) for loss in lost if loss not in accepted_losses]
    refused = _refused(environment, here)
    errors += refused
    modules = {name: facts for name in full.of("intern") if (facts := environment.sources.facts(name))}
    interned = tuple(name for name in starts if patterns.action(name) == "intern")
    kept, accepted = sorted_out(owned_findings(environment, modules, patterns, interned), allowed)
    errors += kept
    warnings = elsewhere(environment, _archived(modules, here), patterns, interned)
    environment.cache.save()
    told = {(finding.code, finding.module) for finding in (*errors, *accepted)}
    told |= {(loss.code, loss.module) for loss in accepted_losses}
    absent = frozenset(name for name in here.of("absent") if patterns.action(name) == "extern")
    return Judgement(
        target,
        tuple({(f.code, f.module): f for f in reversed(errors)}.values())[::-1],
        tuple(finding for finding in warnings if (finding.code, finding.module) not in told),
        accepted_losses,
        accepted,
        here,
        absent,
        frozenset(finding.code for finding in refused),
    )


def _archived(modules: dict[str, Facts], here: Closure) -> dict[str, Facts]:
    """Those of some modules that are packaged on this machine and can be read."""
    packaged = set(here.of("intern"))
    return {name: facts for name, facts in modules.items() if name in packaged and not facts.problem}


def _libraries(closure: Closure, environment: Environment) -> set[str]:
    """Installed third-party libraries that the largest closure reaches."""
    reached = (*closure.of("extern"), *closure.of("mock"), *closure.of("refused"))
    tops = {name.partition(".")[0] for name in reached}
    return {top for top in tops if not stdlib.is_implicitly_external(top) and environment.sources.knows(top)}


def _loss_finding(environment: Environment, loss: Loss) -> Finding:
    takes = f", and with it {', '.join(loss.with_it)}" if loss.with_it else ""
    help = f"build where it imports, or {loss.why.cause.help}"
    message = (
        f"the package would lack {loss.module}{takes}, and nothing would say so: it does not import on this "
        f"machine ({loss.why})"
    )
    return located(environment, loss.code, loss.module, message, help, loss.chain)


def _refused(environment: Environment, here: Closure) -> list[Finding]:
    """One finding for each library or module that torch.package will refuse on this machine."""
    found: dict[str, Finding] = {}
    for module in here.of("refused"):
        top = module.partition(".")[0]
        why = here.modules[module].why
        if why is not None and top not in found:
            message = f"torch.package refuses {module}: {why}"
            chain = here.chain(module)
            found[top] = located(environment, why.cause.code, module, message, why.cause.help, chain)
    return list(found.values())
