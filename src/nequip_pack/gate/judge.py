"""Judge what a build imports and what it packages: what bites here, and what would bite elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nequip_lint.engine.run import as_finding, project_findings
from nequip_lint.engine.selection import Selection
from nequip_lint.project import stdlib
from nequip_lint.project.closure import Closure, Verdict, packaged_set, span_of
from nequip_lint.project.importtime import import_time_set
from nequip_lint.project.late import once_made
from nequip_lint.project.metadata import Metadata
from nequip_lint.project.model import Project
from nequip_lint.project.target import EVERYTHING, Patterns, Target
from nequip_lint.project.world import World
from nequip_lint.rules.base import Hit
from nequip_lint.values import Finding, Severity, Span, Step
from nequip_pack.gate.environment import CORE
from nequip_pack.gate.losses import Loss, losses
from nequip_pack.gate.machine import this_machine

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nequip_lint.facts.values import Facts
    from nequip_lint.values import Chain
    from nequip_pack.build.hooks import Allowance
    from nequip_pack.gate.environment import Environment
    from nequip_pack.registry import Patterns as Registered

_IMPORT_SAFETY = Selection(select=("NQ001", "NQ1"))
_OWNED = Selection(ignore=("NQ002", "NQ204"))
_FUNCTION = "move what fails into the function that needs it"
_MENDS = {"NQ001": "correct the file", "NQ107": "let it go on there", "NQ211": "write fewer dots"}
"""What mends a loss, besides moving into functions what fails."""
_IMPORTABLE = f"install what is missing, or {_FUNCTION}"
_CURES = {"NQ208": "register it as extern, or keep none of its objects", "NQ304": "write it into a file"}
"""What mends a refusal that no registration as extern or mock would."""
_REGISTER = "register it as extern or mock, or keep it out of the modules that models are made of"


@dataclass(frozen=True, slots=True)
class Judgement:
    """The outcome of a gate.

    Attributes:
        errors: findings that refuse the build.
        warnings: findings that would bite on another machine.
        allowed: losses that the user accepted.
        accepted: findings in owned code that the user accepted, though nothing is lost here.
        closure: what torch.package will collect, with the imports that lead there; ``None`` from gate A.
        absent_externals: registered externals that are reached and not installed here.
        target: the machine.
    """

    errors: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()
    allowed: tuple[Loss, ...] = ()
    accepted: tuple[Finding, ...] = ()
    closure: Closure | None = None
    absent_externals: frozenset[str] = frozenset()
    target: Target | None = None


def judge_imports(
    environment: Environment, allow: Sequence[Allowance], imports: Sequence[str] | None = None
) -> Judgement:
    """Gate A: whether what a load imports can be imported here, and errors in owned code on the way.

    What comes of environment variables is left to the load, which runs code that sets some of them.

    Args:
        environment: what is installed.
        allow: accepted findings.
        imports: internal modules; ``None`` for the installed extensions, which nequip imports.
    """
    starts = environment.extensions if imports is None else tuple(imports)
    tops = (name.partition(".")[0] for name in imports or ())
    patterns = Patterns(intern=frozenset((*CORE, *environment.extensions, *tops)))
    target = this_machine(environment, ())._replace(environment=None)
    world = World(environment.sources, patterns, target)
    errors: list[Finding] = []
    for name in starts:
        failure = world.failure(name)
        if failure is not None:
            message = f"nequip cannot load this extension here: {failure.reason}"
            if imports is not None:
                message = f"the model's code cannot be imported here: {failure.reason}"
            errors.append(_located(environment, failure.code, name, message, _IMPORTABLE, failure.chain))
    modules = import_time_set(starts, world)
    errors += _owned_findings(environment, modules, patterns, ())
    kept, accepted = _sorted_out(errors, allow)
    return Judgement(kept, accepted=accepted, target=target)


def judge_closure(
    environment: Environment, roots: Iterable[str], registered: Registered, allow: Sequence[Allowance]
) -> Judgement:
    """Gate B: the closure of exact roots here, against the one on a machine that has everything."""
    patterns = Patterns(
        frozenset(registered.intern), frozenset(registered.extern), frozenset(registered.mock)
    )
    starts = tuple(sorted(roots))
    everything = World(environment.sources, patterns, EVERYTHING)
    full = packaged_set(starts, everything)
    target = this_machine(environment, _libraries(full, environment))
    machine = once_made(World(environment.sources, patterns, target), starts)
    here = packaged_set(starts, machine)
    lost = losses(full, here, machine, everything)
    refused_losses = [loss for loss in lost if not _is_allowed(loss, allow)]
    errors = [_loss_finding(environment, loss) for loss in refused_losses]
    errors += _refused(environment, here)
    modules = {name: facts for name in full.of("intern") if (facts := environment.sources.facts(name))}
    interned = tuple(name for name in starts if patterns.action(name) == "intern")
    kept, accepted = _sorted_out(_owned_findings(environment, modules, patterns, interned), allow)
    errors += kept
    archived = {name: facts for name, facts in modules.items() if here.modules.get(name) == Verdict("intern")}
    elsewhere = _elsewhere(environment, archived, patterns, interned)
    absent = (name for name in here.of("absent") if patterns.action(name) == "extern")
    allowed = tuple(loss for loss in lost if _is_allowed(loss, allow))
    told = {(finding.code, finding.module) for finding in (*errors, *accepted)}
    told |= {(loss.code, loss.module) for loss in allowed}
    return Judgement(
        tuple({(f.code, f.module): f for f in reversed(errors)}.values())[::-1],
        tuple(finding for finding in elsewhere if (finding.code, finding.module) not in told),
        allowed,
        accepted,
        here,
        frozenset(absent),
        target,
    )


def _libraries(closure: Closure, environment: Environment) -> set[str]:
    """Installed third-party libraries that the largest closure reaches."""
    reached = (*closure.of("extern"), *closure.of("mock"), *closure.of("refused"))
    tops = {name.partition(".")[0] for name in reached}
    return {top for top in tops if not stdlib.is_implicitly_external(top) and environment.sources.knows(top)}


def _owned_findings(
    environment: Environment, modules: dict[str, Facts], patterns: Patterns, roots: tuple[str, ...]
) -> list[Finding]:
    owned = {name: facts for name, facts in modules.items() if environment.owns(name)}
    if not owned:
        return []
    found = project_findings(
        _project(environment, owned, patterns, roots), _OWNED if roots else _IMPORT_SAFETY
    )
    return [f for f in found if f.severity is Severity.ERROR]


def _elsewhere(
    environment: Environment, modules: dict[str, Facts], patterns: Patterns, roots: tuple[str, ...]
) -> list[Finding]:
    """Import-safety findings in installed code, and warnings in owned code."""
    found = project_findings(_project(environment, modules, patterns, roots), _IMPORT_SAFETY)
    return [
        _as_warning(environment, f)
        for f in found
        if f.severity is Severity.WARNING or not environment.owns(f.module)
    ]


def _project(
    environment: Environment, modules: dict[str, Facts], patterns: Patterns, roots: tuple[str, ...]
) -> Project:
    """A project whose files are some of the modules that this build packages."""
    return Project(
        Metadata(Path(), Path("pyproject.toml"), extensions=environment.extensions),
        tuple(
            facts._replace(path=environment.shown_path(name, facts.path))
            for name, facts in sorted(modules.items())
        ),
        environment.sources,
        environment.required,
        environment.extensions,
        roots=roots,
        in_force=patterns,
    )


def _loss_finding(environment: Environment, loss: Loss) -> Finding:
    takes = f", and with it {', '.join(loss.with_it)}" if loss.with_it else ""
    help = f"build where it imports, or {_MENDS.get(loss.code, _FUNCTION)}"
    message = (
        f"the package would lack {loss.module}{takes}, and nothing would say so: it does not import on this "
        f"machine ({loss.reason})"
    )
    return _located(environment, loss.code, loss.module, message, help, loss.chain)


def _refused(environment: Environment, here: Closure) -> list[Finding]:
    """One finding for each library or module that torch.package will refuse on this machine."""
    found: dict[str, Finding] = {}
    for module in here.of("refused"):
        top = module.partition(".")[0]
        verdict = here.modules[module]
        code = verdict.code or ("NQ202" if module in stdlib.DISALLOWED else "NQ201")
        message, help = f"torch.package refuses {module}: {verdict.reason}", _CURES.get(code, _REGISTER)
        found.setdefault(top, _located(environment, code, module, message, help, here.chain(module)))
    return list(found.values())


def _located(
    environment: Environment, code: str, module: str, message: str, help: str, chain: Chain
) -> Finding:
    """A finding at the last owned statement of a chain, else at its last one, the distribution named."""
    owned = [step for step in chain if environment.owns(step.module)]
    if owned:
        step = owned[-1]
        path = environment.shown_path(step.module, step.path)
        return as_finding(code, Hit(path, _span(environment, step), message, help, module, chain))
    step = chain[-1] if chain else Step(module, _path(environment, module), 1, "")
    owner = environment.owner(step.module)
    note = f"in {owner}: " if owner else ""
    return as_finding(code, Hit(step.path, _span(environment, step), f"{note}{message}", help, module, chain))


def _path(environment: Environment, module: str) -> str:
    facts = environment.sources.facts(module)
    return facts.path if facts is not None else ""


def _as_warning(environment: Environment, finding: Finding) -> Finding:
    owner = environment.owner(finding.module)
    message = f"in {owner}, installed: {finding.message}" if owner else finding.message
    return finding._replace(severity=Severity.WARNING, message=message)


def _span(environment: Environment, step: Step) -> Span:
    return span_of(step, environment.sources.facts(step.module))


def _is_allowed(loss: Loss, allow: Sequence[Allowance]) -> bool:
    return any((item.code, item.module) == (loss.code, loss.module) for item in allow)


def _sorted_out(
    findings: Iterable[Finding], allow: Sequence[Allowance]
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """The findings that stand, and those that the user accepts by name."""
    names = {(item.code, item.module) for item in allow}
    listed = list(findings)
    kept = tuple(finding for finding in listed if (finding.code, finding.module) not in names)
    return kept, tuple(finding for finding in listed if finding not in kept)
