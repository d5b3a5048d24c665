"""NQ105 optional-name-at-definition: an optional or mocked name at work while the module is imported."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.values import FALSE, Facts, Touch
from nequip_lint.project.evaluate import Judge, catches
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.rules.touching import binding_import, mocked

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
        for touch, message in (*_mocks(project, facts), *missing(project, facts)):
            if touch.name not in seen:
                seen.add(touch.name)
                yield at(facts, touch.span, message, chain=project.packaged.chain(facts.module))


def _mocks(project: Project, facts: Facts) -> Iterator[tuple[Touch, str]]:
    if facts.module not in project.packaged.modules:
        return
    for item in mocked(project, facts):
        how = DEFINES.get(item.touch.how)
        breaks = item.depth > 1 or (how is not None and item.depth == 1)
        if item.touch.where != "import" or not breaks or item.touch.how == "except":
            continue
        message = (
            f"the packaged model does not load (NotImplementedError): {item.library} is registered as mock, "
            f"but {item.touch.name} is {how or 'looked up'} when {facts.module} is imported; move this into "
            "the functions that need it"
        )
        yield item.touch, message


def missing(project: Project, facts: Facts) -> Iterator[tuple[Touch, str]]:
    """Names of optional libraries that are None, or not there, where the library is absent."""
    world = project.bare_world
    judge = Judge(facts, world.target, world.importable)
    used = {use.name for use in facts.uses}
    for touch in facts.touches:
        head, _, attribute = touch.name.partition(".")
        item = binding_import(facts, touch)
        if touch.where != "import" or item is None or item.module is None or head in used:
            continue
        if project.patterns.action(item.module) == "mock" or world.importable(item.module) is not False:
            continue
        if not catches(item.place.caught, "ModuleNotFoundError") or judge.all(touch.place.guards) is not True:
            continue
        value = _value(facts, judge, head)
        error = _error(touch, attribute, value)
        if error and not catches(touch.place.caught, error):
            top = item.module.partition(".")[0]
            message = (
                f"where {top} is not installed, importing {facts.module} raises {error}, in a build and "
                f"from a package: {head} is {value} there; put this under the same guard as the import, or "
                "into the functions that need it"
            )
            yield touch, message


def _value(facts: Facts, judge: Judge, name: str) -> str:
    """What a name is on the machine: `None`, `not defined`, or '' where something else stands in for it."""
    bindings = [item for item in facts.bindings if item.name == name]
    others = [item for item in bindings if judge.all(item.place.guards) is not False]
    if not others:
        return "not defined"
    last = others[-1]
    return "None" if last.kind == "assign" and last.value == FALSE else ""


def _error(touch: Touch, attribute: str, value: str) -> str:
    if value == "not defined":
        return "NameError"
    if touch.how == "except":
        return ""
    if value == "None" and attribute and touch.how != "probe":
        return "AttributeError"
    if value == "None" and touch.how in ("call", "decorator", "base", "index", "iterate"):
        return "TypeError"
    return ""
