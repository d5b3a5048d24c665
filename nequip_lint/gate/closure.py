"""Gate B: what becomes of the closure of exact roots on this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from nequip_lint.closure.packaged import Closure
from nequip_lint.facts.values import Facts
from nequip_lint.gate.environment import Environment
from nequip_lint.gate.findings import elsewhere, owned_findings
from nequip_lint.gate.judgement import Allowed, Judgement, key, sorted_out
from nequip_lint.gate.losses import Loss
from nequip_lint.gate.placing import located
from nequip_lint.gate.predicted import Registered, predicted
from nequip_lint.values import Finding


def judge_closure(
    environment: Environment,
    roots: Iterable[str],
    registered: Registered,
    gpu: bool,
    can_import: Callable[[str], bool],
    allowed: Allowed = frozenset(),
) -> Judgement:
    """Judge the packaged set; the arguments are those of :func:`nequip_lint.api.judge_closure`."""
    found = predicted(environment, roots, registered, gpu, can_import)
    modules = {name: facts for name in found.full.of("intern") if (facts := environment.sources.facts(name))}
    owned = owned_findings(environment, modules, found.patterns, found.interned)
    kept, accepted = sorted_out(owned, allowed)
    forgiven = tuple(loss for loss in found.lost if key(loss) in allowed)
    refused = _refused(environment, found.here)
    lost = (_loss_finding(environment, loss) for loss in found.lost if loss not in forgiven)
    errors = {key(finding): finding for finding in reversed((*lost, *refused, *kept))}
    told = {*errors, *map(key, accepted), *map(key, forgiven)}
    others = elsewhere(environment, _archived(modules, found.here), found.patterns, found.interned)
    environment.cache.save()
    return Judgement(
        found.target,
        tuple(reversed(errors.values())),
        tuple(finding for finding in others if key(finding) not in told),
        forgiven,
        accepted,
        found.here,
        found.absent_externals,
        frozenset(finding.code for finding in refused),
    )


def _archived(modules: dict[str, Facts], here: Closure) -> dict[str, Facts]:
    """Those of some modules that are packaged on this machine and can be read."""
    packaged = set(here.of("intern"))
    return {name: facts for name, facts in modules.items() if name in packaged and not facts.problem}


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
