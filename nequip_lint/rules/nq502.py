"""NQ502 newer-or-removed-stdlib: a module of the standard library that some Python does not have."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.values import Facts, Import
from nequip_lint.project.evaluate import Judge, catches
from nequip_lint.project.model import Project
from nequip_lint.project.stdlib import ADDED, REMOVED
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.rules.probed import packaged
from nequip_lint.rules.pythons import pythons

_NAMES = {
    "typing.Self": 11,
    "typing.Never": 11,
    "typing.LiteralString": 11,
    "typing.NotRequired": 11,
    "typing.Required": 11,
    "typing.TypeVarTuple": 11,
    "typing.Unpack": 11,
    "typing.assert_never": 11,
    "typing.assert_type": 11,
    "typing.dataclass_transform": 11,
    "typing.reveal_type": 11,
    "typing.TypeAliasType": 12,
    "typing.override": 12,
    "typing.ReadOnly": 13,
    "typing.TypeIs": 13,
    "enum.StrEnum": 11,
    "enum.ReprEnum": 11,
    "enum.member": 11,
    "enum.nonmember": 11,
    "enum.verify": 11,
    "contextlib.chdir": 11,
    "datetime.UTC": 11,
    "math.cbrt": 11,
    "math.exp2": 11,
    "operator.call": 11,
    "collections.abc.Buffer": 12,
    "itertools.batched": 12,
    "math.sumprod": 12,
    "warnings.deprecated": 13,
}
"""The minor version of Python 3 that added a name (docs.python.org)."""

_HELP = "catch the ImportError, or set requires-python"


@rule("NQ502")
def newer_or_removed_stdlib(project: Project) -> Iterator[Hit]:
    """One hit for each import at load that fails on a Python which the project allows."""
    for facts in packaged(project):
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
    top = (item.module or "").partition(".")[0]
    if top in ADDED or top in REMOVED:
        yield top, ADDED.get(top, 0), REMOVED.get(top, 99)
        return
    for name, _ in item.names:
        full = f"{item.module}.{name}"
        if full in _NAMES:
            yield full, _NAMES[full], 99


def _runs(project: Project, facts: Facts, item: Import, python: tuple[int, int]) -> bool:
    """Whether the tests around an import let it run on a Python."""
    world = project.full_world
    judge = Judge(facts, world.target._replace(python=python), world.importable)
    return judge.all(item.place.guards) is not False
