"""Gate B: what becomes of the closure of exact roots on this machine."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from nequip_lint.closure.clashes import clashes, message
from nequip_lint.closure.packaged import Closure
from nequip_lint.declared.declaring import entry_point
from nequip_lint.declared.files import project_root
from nequip_lint.declared.metadata import FILES, Metadata, read_metadata
from nequip_lint.gate.environment import Environment
from nequip_lint.gate.findings import bites_here, is_elsewhere, packaged_findings
from nequip_lint.gate.judgement import Allowed, Judgement, key, sorted_out
from nequip_lint.gate.losses import Loss
from nequip_lint.gate.placing import as_warning, located
from nequip_lint.gate.predicted import Predicted, Registered, predicted
from nequip_lint.hazards.refusals import UNREGISTERED
from nequip_lint.machine.target import covers
from nequip_lint.project.registrations import CORE
from nequip_lint.runs.implicit import implicit_externals, with_implicit
from nequip_lint.values import Finding

_TAKE_OUT = "take it out of the registration: nequip packages the source of every extension"
_REFUSING = ("NQ2", "NQ304")
"""The rules about what torch.package refuses, each with its own help."""
_NOT_INTERNAL = 'no entry point in the group "nequip.extension" makes it internal'
_NOT_INSTALLED = "its project declares the entry point that makes it internal, but is not installed"


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
    every = packaged_findings(environment, modules, found.patterns, found.interned)
    concerned = [item for item in every if not item.installed or item.module in found.packaged]
    overlaps = _overlaps(environment, found)
    standing, accepted = sorted_out([*filter(bites_here, concerned), *overlaps], allowed)
    forgiven = tuple(loss for loss in found.lost if key(loss) in allowed)
    impossible = (*_refused(environment, found.here), *_clashes(environment, found.here))
    kept, refused = _told_once(standing, impossible)
    lost = (_loss_finding(environment, loss) for loss in found.lost if loss not in forgiven)
    errors = {key(finding): finding for finding in reversed((*lost, *refused, *kept))}
    answered = {*errors, *map(key, accepted), *map(key, forgiven)}
    others = (as_warning(finding) for finding in concerned if not bites_here(finding))
    implicit = implicit_externals(found.here, environment.sources)
    environment.cache.save()
    return Judgement(
        found.target,
        tuple(reversed(errors.values())),
        tuple(finding for finding in others if key(finding) not in answered),
        forgiven,
        accepted,
        with_implicit(found.here, environment.sources),
        found.absent_externals,
        found.absent_mocks,
        frozenset(key(finding) for finding in (*refused, *kept) if not is_elsewhere(finding)),
        implicit,
    )


def _loss_finding(environment: Environment, loss: Loss) -> Finding:
    takes = f", and with it {', '.join(loss.with_it)}" if loss.with_it else ""
    help = f"build where it imports, or {loss.why.cause.help}"
    message = (
        f"the package would lack {loss.module}{takes}, and nothing would say so: it does not import on this "
        f"machine ({loss.why})"
    )
    return located(environment, loss.code, loss.module, message, help, loss.chain)


def _overlaps(environment: Environment, found: Predicted) -> Iterator[Finding]:
    """Extensions that are registered as extern, whoever does it."""
    internal = (*CORE, *environment.extensions) if environment.imports is None else ()
    for name in sorted(found.patterns.extern):
        if any(covers(frozenset({name}), module) for module in internal):
            message = f"the package would lack {name}, which is registered as extern, but internal"
            chain = found.here.chain(name)
            yield located(environment, "NQ205", name, message, _TAKE_OUT, chain)


def _clashes(environment: Environment, here: Closure) -> Iterator[Finding]:
    """Modules below external ones, with which no package loads."""
    for clash in clashes(here):
        help = f"leave {clash.module} to the action of {clash.above}, or mock {clash.above} as a whole"
        chain = here.chain(clash.module)
        yield located(environment, "NQ205", clash.module, message(clash), help, chain)


def _refused(environment: Environment, here: Closure) -> list[Finding]:
    """One finding for each library or module that torch.package will refuse on this machine."""
    found: dict[str, Finding] = {}
    for module in here.of("refused"):
        top = module.partition(".")[0]
        why = here.modules[module].why
        if why is not None and top not in found:
            code, reason, help = why.cause.code, str(why), why.cause.help
            if why.cause is UNREGISTERED:
                metadata = _metadata(environment, module)
                if metadata is not None and _declares(metadata, module) and environment.imports is None:
                    code, reason, help = "NQ204", _NOT_INSTALLED, _install(metadata.root)
                elif module in here.roots and environment.owns(module):
                    code, reason, help = "NQ204", _NOT_INTERNAL, _declare(metadata, module)
            message = f"torch.package refuses {module}: {reason}"
            found[top] = located(environment, code, module, message, help, here.chain(module))
    return list(found.values())


def _metadata(environment: Environment, module: str) -> Metadata | None:
    """What the project declares in which a module is developed; None for installed code."""
    facts = environment.sources.facts(module)
    root = None if facts is None else project_root(Path(facts.path).parent)
    return None if root is None else read_metadata(root)


def _declares(metadata: Metadata, module: str) -> bool:
    """Whether an entry point of a project makes a module internal, once the project is installed."""
    return covers(frozenset(metadata.extensions), module)


def _install(root: Path) -> str:
    return f"run `pip install -e {shlex.quote(str(root))}`: entry points count once the project is installed"


def _declare(metadata: Metadata | None, module: str) -> str:
    """How to declare the entry point in the project that a module belongs to."""
    declared = entry_point(metadata or Metadata(Path(), Path(FILES[0])), module.partition(".")[0])
    return f"install the project again after a change: {declared}"


def _told_once(kept: Sequence[Finding], impossible: Sequence[Finding]) -> tuple[list[Finding], list[Finding]]:
    """Findings of rules and refusals, of two at one place the rule's in owned code, with its own help."""
    rules = [finding for finding in kept if finding.code.startswith(_REFUSING)]
    owned = {_place(finding) for finding in rules if not finding.installed}
    refused = [finding for finding in impossible if _place(finding) not in owned]
    doubled = {_place(finding) for finding in refused}
    again = [finding for finding in rules if finding.installed and _place(finding) in doubled]
    return [finding for finding in kept if finding not in again], refused


def _place(finding: Finding) -> tuple[str, int]:
    return finding.path, finding.span.line
