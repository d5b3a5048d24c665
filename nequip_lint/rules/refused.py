"""Refused modules of the packaged set, grouped by the statement that a developer can change."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from nequip_lint.closure.packaged import Closure, Edge, Verdict, dependencies, packaged_set, step_of
from nequip_lint.hazards.refusals import NAMESPACE
from nequip_lint.project.model import Project
from nequip_lint.values import Chain


class Refusal(NamedTuple):
    """One refused module: the last owned statement of its chain, the whole chain, the roots crossed.

    `heavy` is the package whose `__init__`, in code that is not linted, leads there; '' where none does, and
    for a module without source, which no registration of a library lets through.
    """

    module: str
    edge: Edge
    chain: Chain
    heavy: str


@lru_cache(maxsize=4)
def refusals(project: Project) -> tuple[Refusal, ...]:
    """Every statement of the linted files in the packaged set through which a refused module is reached.

    Empty where a registration is computed, since then nothing is known to be refused (NQ004 says so).
    """
    is_clean = project.is_computed or not project.packaged.of("refused")
    return () if is_clean else tuple(_refusals(project))


def is_imported_here(project: Project, library: str) -> bool:
    """Whether a linted file imports a refused library itself, and not only installed code that it leads to.

    Args:
        project: the project.
        library: its import name.
    """
    found = (item for item in refusals(project) if item.module.partition(".")[0] == library)
    return any(item.chain[-1].module in project.owned for item in found)


def _refusals(project: Project) -> Iterator[Refusal]:
    closure, world = project.packaged, project.full_world
    below: dict[str, Closure] = {}
    for edge, module, chain in _leading_out(project):
        verdict = closure.modules.get(module)
        if verdict is None or module in project.owned:
            continue
        if verdict.action == "refused":
            yield Refusal(module, edge, chain, "")
        elif verdict.action == "intern":
            if module not in below:
                below[module] = packaged_set([module], world, lambda m: m not in project.owned)
            yield from _through(project, below[module], edge, chain)


def _leading_out(project: Project) -> Iterator[tuple[Edge, str, Chain]]:
    """Each import of a packaged linted file, and those by which builders come to other packages' classes."""
    closure, world = project.packaged, project.full_world
    for name in project.interned:
        facts = project.owned.get(name)
        if facts is not None and not facts.problem:
            for edge, module, _ in dependencies(facts, world):
                yield edge, module, (*closure.chain(name), step_of(edge))
    for root, edge in project.ways.items():
        if closure.via.get(root) == edge:
            yield edge, root, closure.chain(root)


def _through(project: Project, below: Closure, edge: Edge, chain: Chain) -> Iterator[Refusal]:
    for module, verdict in _refused_in(below, project.packaged):
        steps = below.chain(module)
        passed = [step.module for step in steps]
        if any(name in project.owned for name in passed):
            continue
        packages = [name for name in passed if _is_package(project, name)]
        is_heavy = bool(packages) and not is_unsourced(verdict)
        yield Refusal(module, edge, (*chain, *steps), packages[0] if is_heavy else "")


def _refused_in(below: Closure, whole: Closure) -> Iterator[tuple[str, Verdict]]:
    """What is refused of a part of a closure, also for what stands elsewhere in the whole."""
    for name, verdict in sorted(below.modules.items()):
        found = whole.modules.get(name, verdict) if verdict.action == "intern" else verdict
        if found.action == "refused":
            yield name, found


def is_unsourced(verdict: Verdict) -> bool:
    """Whether a module is refused for its file, so that no registration of a library lets it through."""
    return verdict.why is not None and verdict.why.cause.code == NAMESPACE.code


def _is_package(project: Project, module: str) -> bool:
    facts = project.sources.facts(module)
    return facts is not None and facts.is_package
