"""NQ105 optional-name-at-definition: an optional or mocked name at work while the module is imported."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.values import Facts, Touch
from nequip_lint.project.evaluate import Judge
from nequip_lint.project.missing import missing_names
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.rules.touching import mocked

DEFINES = {
    "call": "called",
    "decorator": "used as a decorator",
    "base": "subclassed",
    "index": "subscripted",
    "argument": "put into a subscript",
    "or": "joined with |",
}

_UNGUARDED = "put this under the same guard as the import, or into the functions that need it"


@rule("NQ105")
def optional_name_at_definition(project: Project) -> Iterator[Hit]:
    """One hit for each name and file, at the first such use."""
    for facts in project.executed.values():
        seen: set[str] = set()
        for touch, message, help in (*_mocks(project, facts), *missing(project, facts)):
            if touch.name not in seen:
                seen.add(touch.name)
                yield at(facts, touch.span, message, help, chain=project.packaged.chain(facts.module))


def _mocks(project: Project, facts: Facts) -> Iterator[tuple[Touch, str, str]]:
    """Names of mocked libraries at work, each with the message and the help."""
    if facts.module not in project.packaged.modules:
        return
    for item in mocked(project, facts):
        how = DEFINES.get(item.touch.how)
        breaks = item.depth > 1 or (how is not None and item.depth == 1)
        if item.touch.where != "import" or not breaks or item.touch.how == "except":
            continue
        message = (
            f"the packaged model does not load (NotImplementedError): {item.library} is registered as mock, "
            f"but {item.touch.name} is {how or 'looked up'} when {facts.module} is imported"
        )
        yield item.touch, message, "move this into the functions that need it"


def missing(project: Project, facts: Facts) -> Iterator[tuple[Touch, str, str]]:
    """Names of optional libraries that are None, or not there, where the library is absent."""
    world = project.bare_world
    for found in missing_names(facts, Judge(facts, world.target, world.importable), world.importable):
        if project.patterns.action(found.item.module or "") != "mock":
            message = (
                f"where {found.library} is not installed, importing {facts.module} raises {found.error}, in "
                f"a build and from a package: {found.head} is {found.value} there"
            )
            yield found.touch, message, _UNGUARDED
