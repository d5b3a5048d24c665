"""Exact roots, checked before anything is predicted from them: a misspelt one must not look clean."""

from __future__ import annotations

from collections.abc import Iterable

from nequip_lint.closure.world import bound_in
from nequip_lint.errors import LintError
from nequip_lint.machine import standard_library as stdlib
from nequip_lint.project.model import Project


def check_roots(roots: Iterable[str], projects: Iterable[Project], where: str) -> None:
    """Look each root up in the sources at hand.

    Args:
        roots: `module` or `module:name`.
        projects: one of them must have the root.
        where: the option or file that names the roots.

    Raises:
        LintError: no project has one of them.
    """
    known = list(projects)
    for root in roots:
        if not any(_has(project, root) for project in known):
            raise LintError(f"{where}: there is no {root!r} in the sources at hand{_hint(root, known)}")


def _has(project: Project, root: str) -> bool:
    module, _, name = root.partition(":")
    if stdlib.is_stdlib(module) and not name and module not in project.owned:
        return stdlib.has(module)
    facts = project.sources.facts(module)
    if facts is None or not name:
        return project.sources.location(module) is not None and not name
    names = bound_in(facts)
    return bool(facts.problem) or not names.isdisjoint((name.partition(".")[0], "*", "__getattr__"))


def _hint(root: str, projects: Iterable[Project]) -> str:
    from difflib import get_close_matches

    module, _, name = root.partition(":")
    owned = {key: facts for project in projects for key, facts in project.owned.items()}
    if module in owned:
        near = [
            f"{module}:{found}" for found in get_close_matches(name, sorted(bound_in(owned[module])), n=1)
        ]
    else:
        near = get_close_matches(module, sorted(owned), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""
