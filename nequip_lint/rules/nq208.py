"""NQ208 mocked-library-used: a mocked library that the packaged model would need at work."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.closure.mocks import Mocked, Origin, is_kept, origin_of
from nequip_lint.facts.details.bodies import LateUse
from nequip_lint.facts.names import resolve
from nequip_lint.facts.values import Facts
from nequip_lint.hazards.refusals import KEPT, REFUSED
from nequip_lint.machine.evaluate import Judge, catches
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.rules.how_to_register import as_extern
from nequip_lint.rules.live import import_of, when
from nequip_lint.rules.mocked import BREAKS_A_MOCK, mocked
from nequip_lint.rules.nq105 import DEFINES
from nequip_lint.rules.of_libraries import of_libraries
from nequip_lint.runs.functions import Key
from nequip_lint.runs.life import certain, decorating
from nequip_lint.runs.making import files_of_parts


@rule("NQ208")
def mocked_library_used(project: Project) -> Iterator[Hit]:
    """One hit for each name, file and kind of use, at the first."""
    for facts in project.executed.values():
        if facts.module not in project.interned:
            continue
        seen: set[tuple[str, str]] = set()
        for item in mocked(project, facts):
            found = _reason(project, facts, item)
            key = (item.use.name, item.use.where)
            if found and key not in seen:
                seen.add(key)
                effect, cause = found
                message = f"{effect}: {item.library} is registered as mock, but {item.use.name} {cause}"
                chain = project.packaged.chain(facts.module)
                yield at(facts, item.use.span, message, _help(project, item.library), item.library, chain)
        yield from _late(project, facts)
        yield from _stars(project, facts)
        yield from _kept(project, facts, {name for name, where in seen if where == "init"})


def _kept(project: Project, facts: Facts, told: set[str]) -> Iterator[Hit]:
    """What helpers keep for a model, or functions make for it."""
    names = {resolve(facts, name) for name in told}
    for found, kept in of_libraries(project, "mock"):
        if found.module != facts.module or kept.what in names:
            continue
        library = kept.what.partition(".")[0]
        message = f"{REFUSED}: {library} is registered as mock, but {kept.what} {KEPT}, in {kept.where}"
        chain = project.packaged.chain(facts.module)
        yield at(facts, kept.spot.span, message, _help(project, library), library, chain)


def _help(project: Project, library: str) -> str:
    return f"do without it here, or take {library} from the mocks and {as_extern(project, library)}"


def _reason(project: Project, facts: Facts, item: Mocked) -> tuple[str, str] | None:
    """What happens to a packaged model, and what the use is that does it; None for one that does no harm."""
    how, where = item.use.how, item.use.where
    if how == "except":
        return None
    if where == "forward" and (item.depth > 1 or (item.depth and how in BREAKS_A_MOCK)):
        return "the packaged model raises NotImplementedError in its forward pass", "is at work there"
    if is_kept(item) and facts.module in files_of_parts(project):
        return REFUSED, KEPT
    if where != "import":
        return None
    if how == "probe":
        return (
            "the packaged model may take another path",
            "is asked for an attribute, and a mock answers as if it had every one",
        )
    if item.depth == 1 and how in BREAKS_A_MOCK and how not in DEFINES:
        return (
            f"{import_of(project, facts.module)} fails (NotImplementedError)",
            "is at work when the file is imported",
        )
    return None


def _late(project: Project, facts: Facts) -> Iterator[Hit]:
    """Uses in functions that every load or call of the model runs, and of names that own modules pass on."""
    seen: set[tuple[str, bool]] = set()
    for use in project.sources.details(facts).late_uses:
        spot = use.spot
        key = (use.name, spot.place.at_import)
        if key in seen or use.how not in BREAKS_A_MOCK or not _runs(project, facts, use):
            continue
        origin = mocked_origin(project, facts, use.name)
        if origin is None or not _is_reached(project, facts, use):
            continue
        seen.add(key)
        failure = "does not load" if spot.place.at_import else f"fails in {when(project, facts, spot)}"
        message = (
            f"the packaged model {failure} (NotImplementedError): {origin.module} is registered as mock, but "
            f"{use.name} is at work there"
        )
        chain = project.packaged.chain(facts.module)
        yield at(facts, spot.span, message, _help(project, origin.module), origin.module, chain)


def _runs(project: Project, facts: Facts, use: LateUse) -> bool:
    """Whether every load or call of the model runs the function of a use, and the one inside of it."""
    spot = use.spot
    key = Key(facts.module, spot.owner if spot.function else "", spot.function)
    if use.inner and key in decorating(project):
        return True
    if key not in certain(project):
        return False
    bodies = project.sources.details(facts).bodies if use.inner else ()
    own = (body for body in bodies if (body.owner, body.name) == (spot.owner, spot.function))
    return not use.inner or any(
        call.name == use.inner and call.is_plain for body in own for call in body.calls
    )


def mocked_origin(project: Project, facts: Facts, name: str) -> Origin | None:
    """What a name stands for, if that is something that a mocked module has.

    Args:
        project: the project.
        facts: of the file.
        name: as written.
    """
    origin = origin_of(project.sources, facts, name)
    is_mocked = origin is not None and origin.depth and project.patterns.action(origin.full) == "mock"
    return origin if is_mocked else None


def _is_reached(project: Project, facts: Facts, use: LateUse) -> bool:
    """Whether some machine certainly comes to a use, and nothing ends its error.

    A loop has something to go through, and something of a mock is never None.
    """
    spot = use.spot
    if catches(spot.place.caught, "NotImplementedError"):
        return False
    unknown = [test for test in spot.place.guards if test.kind == "unknown"]
    guards = [
        test
        for test in spot.place.guards
        if not (test.kind == "name" and mocked_origin(project, facts, test.text))
        and not (test.kind == "unknown" and len(unknown) <= use.loops)
    ]
    full = project.full_world
    worlds = (full, project.world(full.target._replace(gpu=False)))
    judges = (Judge(facts, world.target, world.importable) for world in worlds)
    return any(judge.all(guards) is True for judge in judges)


def _stars(project: Project, facts: Facts) -> Iterator[Hit]:
    for item in facts.imports:
        is_star = item.module and any(name == "*" for name, _ in item.names)
        if is_star and item.place.at_import and project.patterns.action(item.module or "") == "mock":
            message = (
                f"{import_of(project, facts.module)} fails (NotImplementedError): {item.module} is "
                "registered as mock, and a mock has no names to import with *"
            )
            chain = project.packaged.chain(facts.module)
            yield at(facts, item.span, message, "name what is needed", item.module or "", chain)
