"""Findings at the statement of a chain that the user can edit."""

from __future__ import annotations

from nequip_lint.closure.packaged import span_of
from nequip_lint.engine.run import as_finding
from nequip_lint.gate.environment import Environment
from nequip_lint.rules.base import Hit
from nequip_lint.values import Chain, Finding, Severity, Span, Step


def located(
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


def as_warning(finding: Finding) -> Finding:
    """The same where it does not refuse the build."""
    return finding._replace(severity=Severity.WARNING)


def _span(environment: Environment, step: Step) -> Span:
    return span_of(step, environment.sources.facts(step.module))
