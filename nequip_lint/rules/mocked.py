"""What the rules about mocked libraries share: which of them a used name stands for on some machine."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.closure.mocks import Mocked, mocked_names
from nequip_lint.facts.values import Facts
from nequip_lint.machine.evaluate import Judge
from nequip_lint.machine.target import covers
from nequip_lint.project.model import Project
from nequip_lint.rules.registering import contested

BREAKS_A_MOCK = frozenset(
    {
        "call",
        "made",
        "decorator",
        "base",
        "index",
        "argument",
        "or",
        "operator",
        "test",
        "compare",
        "key",
        "iterate",
        "instance",
    }
)
"""What raises on an object of a mocked module; to read, pass on, store or annotate with it does not."""


def mocked(project: Project, facts: Facts) -> Iterator[Mocked]:
    """The uses of mocked libraries that some machine comes across and whose error nothing ends."""
    worlds = [project.full_world, project.world(project.full_world.target._replace(gpu=False))]
    judges = [Judge(facts, world.target, world.importable) for world in worlds]
    known = contested(project)
    for item in mocked_names(facts, project.patterns, project.sources, judges):
        if not covers(known, item.module):
            yield item
