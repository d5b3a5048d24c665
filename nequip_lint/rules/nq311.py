"""NQ311 find-spec-guard: an import behind a test that the package does not see."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.values import Condition, Facts, Import, negated
from nequip_lint.machine.evaluate import catches
from nequip_lint.project.model import Project
from nequip_lint.project.roots import definition_of
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.rules.live import packaged
from nequip_lint.runs.callees import Callees, own_name
from nequip_lint.runs.life import packaged_functions

_FIND = "importlib.util.find_spec"
_ASKING = frozenset(
    {
        *(_FIND, "importlib.import_module", "pkgutil.find_loader", "importlib.metadata.version"),
        *("importlib.metadata.distribution", "importlib.metadata.metadata"),
    }
)
"""Functions that look into the environment."""
_DEEPEST = 5

_HELP = "put the import into a try and catch ImportError"


@rule("NQ311")
def find_spec_guard(project: Project) -> Iterator[Hit]:
    """One hit for each import at load of an external library behind `find_spec` and nothing else."""
    for facts, _ in packaged(project):
        for item in facts.imports:
            top = (item.module or "").partition(".")[0]
            if not item.place.at_import or not item.place.guards or project.is_required(top):
                continue
            if project.patterns.action(top) != "extern" or catches(item.place.caught, "ModuleNotFoundError"):
                continue
            if any(_asks(project, facts, guard, top) for guard in item.place.guards):
                chain = project.packaged.chain(facts.module)
                yield at(facts, item.span, _message(item, top), _HELP, top, chain)


def _asks(project: Project, facts: Facts, guard: Condition, top: str, depth: int = _DEEPEST) -> bool:
    """Whether a test is `find_spec` of a library, or a flag or function that holds or gives its answer."""
    if guard.kind == "not" and guard.parts[0].kind == "name":
        return _lacks(project, facts, guard.parts[0].text, top, depth)
    if guard.kind == "all":
        return any(_asks(project, facts, part, top, depth) for part in guard.parts)
    if guard.kind == "importable":
        return guard.text.partition(".")[0] == top and top in _asked(project, facts)
    if guard.kind not in ("name", "call") or not depth:
        return False
    if guard.kind == "call" and _is_given(project, facts, guard.text, top):
        return True
    found = definition_of(project.sources, own_name(facts, guard.text))
    other = project.sources.facts(found[0]) if found is not None else None
    return found is not None and other is not None and _holds(project, other, found[1], top, depth - 1)


def _lacks(project: Project, facts: Facts, flag: str, top: str, depth: int) -> bool:
    """Whether a flag holds that a library is not there."""
    found = definition_of(project.sources, own_name(facts, flag)) if depth else None
    other = project.sources.facts(found[0]) if found is not None else None
    values = [item.value for item in other.bindings if found and item.name == found[1]] if other else []
    return any(other and _asks(project, other, negated(value), top, depth - 1) for value in values)


def _asked(project: Project, facts: Facts) -> set[str | None]:
    """The libraries that a file asks for by name."""
    calls = project.sources.details(facts).invocations
    return {call.first.string for call in calls if call.name == _FIND and call.first}


def _holds(project: Project, facts: Facts, name: str, top: str, depth: int) -> bool:
    """Whether a flag of a file holds the answer, or a function gives it."""
    values = [item.value for item in facts.bindings if item.name == name and item.kind == "assign"]
    values += [item.returns for item in facts.functions if item.name == name and item.returns is not None]
    return bool(values) and all(_asks(project, facts, value, top, depth) for value in values)


def _is_given(project: Project, facts: Facts, function: str, top: str) -> bool:
    """Whether a function that looks into the environment is given the library."""
    bodies = project.sources.details(facts).bodies
    if not any(item.name == function and item.text == top for body in bodies for item in body.calls):
        return False
    callees = Callees(packaged_functions(project), project.sources)
    return any(
        own_name(one.facts, call.name) in _ASKING
        for callee in callees.of(facts, "", function)
        for one in packaged_functions(project).of(callee.key)
        for call in one.body.calls
    )


def _message(item: Import, top: str) -> str:
    return (
        f"a package that nequip builds where {top} is absent does not load where it is present: find_spec "
        f"looks into the environment, `{item.statement}` into the package, which does not "
        f"know {top}"
    )
