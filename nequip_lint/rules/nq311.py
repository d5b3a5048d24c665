"""NQ311 find-spec-guard: an import behind a test that the package does not see."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.values import Condition, Facts, Import
from nequip_lint.project.evaluate import catches
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.rules.live import packaged

_FIND = "importlib.util.find_spec"

_HELP = "put the import into a try and catch ImportError"


@rule("NQ311")
def find_spec_guard(project: Project) -> Iterator[Hit]:
    """One hit for each import at load of an external library behind `find_spec` and nothing else."""
    for facts, details in packaged(project):
        asked = {call.first.string for call in details.invocations if call.name == _FIND and call.first}
        for item in facts.imports if asked else ():
            top = (item.module or "").partition(".")[0]
            if top not in asked or not item.place.at_import or project.is_required(top):
                continue
            if project.patterns.action(top) != "extern" or catches(item.place.caught, "ModuleNotFoundError"):
                continue
            if any(_asks(facts, guard, top) for guard in item.place.guards):
                chain = project.packaged.chain(facts.module)
                yield at(facts, item.span, _message(item, top), _HELP, top, chain)


def _asks(facts: Facts, guard: Condition, top: str) -> bool:
    """Whether a test is `find_spec` of a library, or a flag that holds its answer."""
    if guard.kind == "importable":
        return guard.text.partition(".")[0] == top
    values = [binding.value for binding in facts.bindings if binding.name == guard.text]
    return guard.kind == "name" and bool(values) and all(value.text == top for value in values)


def _message(item: Import, top: str) -> str:
    return (
        f"a package that nequip builds where {top} is absent does not load where it is present: find_spec "
        f"looks into the environment, `{item.statement}` into the package, which does not "
        f"know {top}"
    )
