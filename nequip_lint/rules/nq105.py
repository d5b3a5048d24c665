"""NQ105 optional-name-at-definition: an optional or mocked name at work while the module is imported."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.values import Facts, LibraryUse
from nequip_lint.hazards.missing_names import HELP, Missing, message, missing_names
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.executed import alone, hit_in
from nequip_lint.rules.mocked import mocked

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
    for facts in project.executed.values():
        seen: set[str] = set()
        absent = ((item.use, message(facts, item), HELP) for item in missing(project, facts))
        for use, said, help in (*_mocks(project, facts), *absent):
            if use.name not in seen:
                seen.add(use.name)
                yield hit_in(project, facts, use.span, said, help)


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
            f"the packaged model does not load (NotImplementedError): {item.library} is registered as mock, "
            f"but {item.use.name} is {how or 'looked up'} when {facts.module} is imported"
        )
        yield item.use, said, "move this into the functions that need it"


def missing(project: Project, facts: Facts) -> Iterator[Missing]:
    """Names of optional libraries that are None, or not there, where the library is absent."""
    for found in missing_names(alone(project.bare_world, facts)):
        if project.patterns.action(found.item.module or "") != "mock":
            yield found
