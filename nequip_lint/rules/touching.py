"""What the rules about mocked and optional libraries share: which of them a touched name stands for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from nequip_lint.facts.names import binding_import
from nequip_lint.facts.values import Facts, Import, Touch
from nequip_lint.project.evaluate import Judge, catches
from nequip_lint.project.model import Project
from nequip_lint.project.target import covers
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


class Mocked(NamedTuple):
    """A touch of a mocked library; `depth` counts the attributes after the module."""

    facts: Facts
    touch: Touch
    library: str
    depth: int


def mocked(project: Project, facts: Facts) -> Iterator[Mocked]:
    """The touches of mocked libraries that some machine comes across and whose error nothing ends."""
    worlds = [project.full_world, project.world(project.full_world.target._replace(gpu=False))]
    judges = [Judge(facts, world.target, world.importable) for world in worlds]
    known = contested(project)
    for touch in facts.touches:
        item = binding_import(facts, touch)
        if item is None or item.module is None or project.patterns.action(item.module) != "mock":
            continue
        if covers(known, item.module):
            continue
        runs = any(judge.all(touch.place.guards) for judge in judges)
        if runs and not catches(touch.place.caught, "NotImplementedError"):
            yield Mocked(facts, touch, item.module.partition(".")[0], _depth(project, touch, item))


def _depth(project: Project, touch: Touch, item: Import) -> int:
    """How many attributes a touched name goes beyond the mocked module."""
    parts = touch.name.split(".")
    if item.names:
        original = next(name for name, bound in item.names if bound == parts[0])
        submodule = f"{item.module}.{original}"
        is_module = project.sources.location(submodule) is not None or (
            not project.sources.knows((item.module or "").partition(".")[0]) and original.islower()
        )
        return len(parts) - 1 if is_module else len(parts)
    if item.bound != (item.module or "").partition(".")[0]:
        return len(parts) - 1
    depth = 0
    for count in range(1, len(parts) + 1):
        if not _is_module(".".join(parts[:count]), item.module or ""):
            depth = len(parts) - count + 1
            break
    return depth


def _is_module(name: str, imported: str) -> bool:
    return imported == name or imported.startswith(f"{name}.")
