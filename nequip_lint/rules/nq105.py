"""NQ105 optional-name-at-definition: an optional or mocked name at work while the module is imported."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nequip_lint.facts.details.bodies import LateUse
from nequip_lint.facts.values import Facts, LibraryUse
from nequip_lint.hazards import borrowed_names
from nequip_lint.hazards.missing_names import HELP, Missing, error_of, message, missing_name
from nequip_lint.hazards.scene import Scene
from nequip_lint.machine.evaluate import Judge, catches
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.executed import hit_in
from nequip_lint.rules.live import import_of
from nequip_lint.rules.mocked import mocked
from nequip_lint.runs.replayed import needed

DEFINES = {
    "call": "called",
    "decorator": "used as a decorator",
    "base": "subclassed",
    "index": "subscripted",
    "argument": "put into a subscript",
    "or": "joined with |",
}


@rule("NQ105")
def optional_name_at_definition(project: Project) -> Iterator[Hit]:
    """One hit for each name and file, at the first such use."""
    for facts in felt(project):
        seen: set[str] = set()
        absent = ((item.use, message(facts, item), HELP) for item in missing(project, facts))
        uses: Iterable[tuple[LibraryUse | LateUse, str, str]]
        uses = (*_mocks(project, facts), *absent, *_borrowed(project, facts))
        for use, said, help in uses:
            if use.name not in seen:
                seen.add(use.name)
                span = use.spot.span if isinstance(use, LateUse) else use.span
                yield hit_in(project, facts, span, said, help)


def felt(project: Project) -> Iterator[Facts]:
    """The files that run in some build or load, those of installed libraries as far as models need them."""
    files = project.executed.values()
    return (facts for facts in files if facts.module in project.owned or facts.module in needed(project))


def _borrowed(project: Project, facts: Facts) -> Iterator[tuple[LateUse, str, str]]:
    """Names at work that another module makes None, each with the message and the help."""
    world = project.bare_world
    scene = Scene(facts, world)
    judge = Judge(facts, world.target, world.importable, facts_of=world.facts)
    for use in project.sources.details(facts).late_uses:
        place = use.spot.place
        found = borrowed_names.borrowed(scene, use.name) if place.at_import else None
        if found is None or judge.all(place.guards) is not True or _is_mock(project, found.library):
            continue
        error = error_of(use.how, found.rest, "None")
        if error and not catches(place.caught, error):
            yield use, borrowed_names.message(facts, found, error), HELP


def _is_mock(project: Project, library: str) -> bool:
    return project.patterns.action(library) == "mock"


def _mocks(project: Project, facts: Facts) -> Iterator[tuple[LibraryUse, str, str]]:
    """Names of mocked libraries at work, each with the message and the help."""
    if facts.module not in project.packaged.modules:
        return
    for item in mocked(project, facts):
        how = DEFINES.get(item.use.how)
        breaks = item.depth > 1 or (how is not None and item.depth == 1)
        if item.use.where != "import" or not breaks or item.use.how == "except":
            continue
        said = (
            f"{import_of(project, facts.module)} fails (NotImplementedError): {item.library} is registered "
            f"as mock, but {item.use.name} is {how or 'looked up'} when {facts.module} is imported"
        )
        yield item.use, said, "move this into the functions that need it"


def missing(project: Project, facts: Facts) -> Iterator[Missing]:
    """Names of optional libraries that are None, or not there, where the library is absent."""
    scene = Scene(facts, project.bare_world)
    for use in facts.library_uses if scene.tries_imports else ():
        found = missing_name(scene, use)
        if found is not None and not _is_mock(project, found.item.module or ""):
            yield found
