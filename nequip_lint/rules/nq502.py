"""NQ502 newer-or-removed-stdlib: a module of the standard library that some Python does not have."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.values import Facts, Import
from nequip_lint.machine.evaluate import Judge, catches
from nequip_lint.machine.standard_library import spans
from nequip_lint.machine.target import covering
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.rules.pythons import pythons
from nequip_lint.runs.life import packaged_files

_HELP = "catch the ImportError, or set requires-python"


@rule("NQ502")
def newer_or_removed_stdlib(project: Project) -> Iterator[Hit]:
    """One hit for each import at load that fails on a Python which the project allows."""
    for facts in packaged_files(project):
        for item in facts.imports:
            if not item.place.at_import or item.module is None or item.module in project.owned:
                continue
            if catches(item.place.caught, "ImportError"):
                continue
            for name, since, until in bounds(item):
                bad = [
                    p
                    for p in pythons(project)
                    if not since <= p[1] < until and _runs(project, facts, item, p)
                ]
                if bad:
                    versions = ", ".join(f"{major}.{minor}" for major, minor in bad)
                    message = (
                        f"a package does not load on Python {versions}, which this project allows: {name} "
                        "is not in the standard library there"
                    )
                    yield at(facts, item.span, message, _HELP, chain=project.packaged.chain(facts.module))


def bounds(item: Import) -> Iterator[tuple[str, int, int]]:
    """What an import names, and the minor versions that have it: from the first, up to the second."""
    known, module = spans(), item.module or ""
    late = covering(known, module)
    named = [late] if late else [f"{module}.{name}" for name, _ in item.names]
    yield from ((name, *known[name]) for name in named if name in known)


def _runs(project: Project, facts: Facts, item: Import, python: tuple[int, int]) -> bool:
    """Whether the tests around an import let it run on a Python."""
    world = project.full_world
    judge = Judge(facts, world.target._replace(python=python), world.importable)
    return judge.all(item.place.guards) is not False
