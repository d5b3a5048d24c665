"""Findings of the rules in what a build packages: those of owned code, and those that bite elsewhere."""

from __future__ import annotations

from pathlib import Path

from nequip_lint.engine.run import project_findings
from nequip_lint.engine.selection import Selection
from nequip_lint.facts.values import Facts
from nequip_lint.gate.environment import Environment
from nequip_lint.gate.placing import as_warning
from nequip_lint.project.metadata import Metadata
from nequip_lint.project.model import Project
from nequip_lint.project.target import Patterns
from nequip_lint.values import Finding, Severity

_IMPORT_SAFETY = Selection(select=("NQ001", "NQ1"))
_OWNED = Selection(ignore=("NQ002", "NQ204"))


def owned_findings(
    environment: Environment, modules: dict[str, Facts], patterns: Patterns, roots: tuple[str, ...]
) -> list[Finding]:
    """Errors in owned code among some modules: of all rules for a build of roots, else of import safety."""
    owned = {name: facts for name, facts in modules.items() if environment.owns(name)}
    if not owned:
        return []
    found = project_findings(
        _project(environment, owned, patterns, roots), _OWNED if roots else _IMPORT_SAFETY
    )
    return [f for f in found if f.severity is Severity.ERROR]


def elsewhere(
    environment: Environment, modules: dict[str, Facts], patterns: Patterns, roots: tuple[str, ...]
) -> list[Finding]:
    """Import-safety findings in installed code, and warnings in owned code."""
    found = project_findings(_project(environment, modules, patterns, roots), _IMPORT_SAFETY)
    return [
        as_warning(environment, f)
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
