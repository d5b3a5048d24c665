"""Refused modules of the packaged set, grouped by the statement that a developer can change."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from nequip_lint.closure.packaged import Closure, Edge, dependencies, packaged_set, step_of
from nequip_lint.project.model import Project
from nequip_lint.values import Chain


class Refusal(NamedTuple):
    """One refused module: the last owned statement of its chain, the whole chain, the roots crossed.

    `heavy` is the package whose `__init__`, in code that is not linted, leads there; '' where none does.
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


def _refusals(project: Project) -> Iterator[Refusal]:
    closure, world = project.packaged, project.full_world
    below: dict[str, Closure] = {}
    for name in project.interned:
        facts = project.owned.get(name)
        if facts is None or facts.problem:
            continue
        for edge, module, _ in dependencies(facts, world):
            verdict = closure.modules.get(module)
            if verdict is None or module in project.owned:
                continue
            chain = (*closure.chain(name), step_of(edge))
            if verdict.action == "refused":
                yield Refusal(module, edge, chain, "")
            elif verdict.action == "intern":
                if module not in below:
                    below[module] = packaged_set([module], world, lambda m: m not in project.owned)
                yield from _through(project, below[module], edge, chain)


def _through(project: Project, below: Closure, edge: Edge, chain: Chain) -> Iterator[Refusal]:
    for module in below.of("refused"):
        steps = below.chain(module)
        passed = [step.module for step in steps]
        if any(name in project.owned for name in passed):
            continue
        packages = [name for name in passed if _is_package(project, name)]
        yield Refusal(module, edge, (*chain, *steps), packages[0] if packages else "")


def _is_package(project: Project, module: str) -> bool:
    facts = project.sources.facts(module)
    return facts is not None and facts.is_package
