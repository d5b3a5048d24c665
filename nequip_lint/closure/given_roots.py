"""Exact roots, checked before anything is predicted from them: a misspelt one must not look clean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from nequip_lint.closure.world import bound_in
from nequip_lint.errors import LintError
from nequip_lint.machine import standard_library as stdlib
from nequip_lint.project.model import Project
from nequip_lint.project.named import Named, parted


def check_roots(roots: Iterable[Named], projects: Iterable[Project]) -> None:
    """Look each root up in the sources at hand.

    Args:
        roots: those that are not needed are passed over.
        projects: one of them must have the root.

    Raises:
        LintError: no project has one of them.
    """
    known = list(projects)
    for item in roots:
        is_free = item.is_target and all(is_out_of_reach(item, project) for project in known)
        if item.is_needed and not is_free and not any(_has(project, item.root) for project in known):
            hint = _hint(item.root, known)
            raise LintError(f"{item.where}: there is no {item.root!r} in the sources at hand{hint}")


def is_out_of_reach(item: Named, project: Project) -> bool:
    """Whether nothing of the package of a root is at hand.

    Args:
        item: the root.
        project: with the sources.
    """
    return not project.sources.knows(item.top)


def untold(roots: Iterable[Named], projects: Sequence[Project]) -> Iterator[str]:
    """What is to be said of named roots that cannot be followed.

    Args:
        roots: those that are named.
        projects: with the sources; what one of them can follow is followed.
    """
    for module, name in dict.fromkeys(item for project in projects for item in project.barren):
        yield f"{module}:{name} is not seen to make a class of a model; its module counts itself"
    for item in roots:
        is_open = item.is_target and item.is_needed and not stdlib.is_implicitly_external(item.top)
        if is_open and all(is_out_of_reach(item, project) for project in projects):
            yield f"{item.where}: {item.root} cannot be followed; name the environment that has {item.top}"


def _has(project: Project, root: str) -> bool:
    module, name = parted(root, project.sources)
    if stdlib.is_stdlib(module) and not name and module not in project.owned:
        return stdlib.has(module)
    facts = project.sources.facts(module)
    if facts is None or not name:
        return project.sources.location(module) is not None and not name
    names = bound_in(facts)
    return bool(facts.problem) or not names.isdisjoint((name.partition(".")[0], "*", "__getattr__"))


def _hint(root: str, projects: Iterable[Project]) -> str:
    from difflib import get_close_matches

    owned = {key: facts for project in projects for key, facts in project.owned.items()}
    module, name = next(
        (pair for project in projects if (pair := parted(root, project.sources))[0] in owned), (root, "")
    )
    near = []
    if name:
        near = get_close_matches(name, sorted(bound_in(owned[module])), n=1)
        near = [f"{module}:{found}" if ":" in root else f"{module}.{found}" for found in near]
    near = near or get_close_matches(root.partition(":")[0], sorted(owned), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""
