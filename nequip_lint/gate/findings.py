"""Findings of the rules in what a build packages, and which of them bite on the machine that builds."""

from __future__ import annotations

from pathlib import Path

from nequip_lint.declared.metadata import Metadata
from nequip_lint.engine.run import project_findings
from nequip_lint.engine.selection import Selection
from nequip_lint.facts.values import Facts
from nequip_lint.gate.environment import Environment
from nequip_lint.machine.target import Patterns
from nequip_lint.project.model import Project
from nequip_lint.values import Finding, Severity

_STARTED = Selection(select=("NQ001", "NQ1", "NQ205"))
"""What is asked of what nequip imports: registrations run there, and are packaged by nobody."""
_PACKAGED = Selection(ignore=("NQ002", "NQ204"))
_OTHER_MACHINES = ("NQ1", "NQ313", "NQ5")
"""Rules about machines that differ from one another."""


def import_findings(environment: Environment, modules: dict[str, Facts], patterns: Patterns) -> list[Finding]:
    """Errors of import safety in the owned ones of some modules that a load imports."""
    found = project_findings(_project(environment, modules, patterns, ()), _STARTED)
    return [finding for finding in found if finding.severity is Severity.ERROR]


def packaged_findings(
    environment: Environment, modules: dict[str, Facts], patterns: Patterns, roots: tuple[str, ...]
) -> list[Finding]:
    """What all rules find in the modules that a build of some roots packages, owned or installed."""
    project = _project(environment, modules, patterns, roots)
    return project_findings(project, _PACKAGED, environment.owner)


def bites_here(finding: Finding) -> bool:
    """Whether a finding refuses a build: errors in owned code do, in installed code those that bite here.

    What this machine really loses or refuses is told apart, by the closure.
    """
    is_theirs = finding.installed and is_elsewhere(finding)
    return finding.severity is Severity.ERROR and not is_theirs


def is_elsewhere(finding: Finding) -> bool:
    """Whether a finding may concern other machines only, and accepting it lets this build end well."""
    return finding.code.startswith(_OTHER_MACHINES)


def _project(
    environment: Environment, modules: dict[str, Facts], patterns: Patterns, roots: tuple[str, ...]
) -> Project:
    """A project whose files are the owned ones of some modules that this build packages."""
    owned = ((name, facts) for name, facts in sorted(modules.items()) if environment.owns(name))
    return Project(
        Metadata(Path(), Path("pyproject.toml"), extensions=environment.extensions),
        tuple(facts._replace(path=environment.shown_path(name, facts.path)) for name, facts in owned),
        environment.sources,
        environment.required,
        environment.extensions,
        roots=roots,
        in_force=patterns,
    )
