"""NQ310 nested-dunder-import: an import that torch.package does not see, since it is no statement."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.details.module import Details
from nequip_lint.facts.details.spots import Spot
from nequip_lint.facts.values import Facts, Import
from nequip_lint.machine.evaluate import catches
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.live import hit, is_reached, is_run, packaged, when

_HELP = "write an import statement"


@rule("NQ310")
def nested_dunder_import(project: Project) -> Iterator[Hit]:
    """One hit for each such import whose module nothing else brings into the archive."""
    for facts, details in packaged(project):
        seen: set[int] = set()
        for spot, item, how in (*_nested(facts, details), *_run_as_text(facts, details)):
            caught = (*spot.place.caught, *item.place.caught)
            if spot.span.line in seen or catches(caught, "ModuleNotFoundError"):
                continue
            lost = _lost(project, item)
            if lost and is_run(project, facts, spot) and is_reached(project, facts, spot.place):
                seen.add(spot.span.line)
                message = (
                    f"{when(project, facts, spot)} raises ModuleNotFoundError: torch.package does not look "
                    f"for imports {how}, so that the package lacks {lost}"
                )
                yield hit(project, facts, spot, message, _HELP)


def _nested(facts: Facts, details: Details) -> Iterator[tuple[Spot, Import, str]]:
    """The `__import__` calls inside of other calls."""
    calls = {call.spot.span: call.spot for call in details.invocations if call.name == "__import__"}
    for item in facts.imports:
        if item.bound == "__import__" and not item.walked and item.span in calls:
            yield calls[item.span], item, "by __import__ inside another call"


def _run_as_text(facts: Facts, details: Details) -> Iterator[tuple[Spot, Import, str]]:
    """The imports in strings of the file, for each call of `exec` or `eval` that runs one of these."""
    for call in details.invocations:
        given = call.first if call.name in ("exec", "eval") else None
        if given is None:
            continue
        for item in details.imported:
            is_meant = not item.spot.function or item.spot.function == call.spot.function
            if is_meant and (given.string is None or item.spot.span.line >= call.spot.span.line):
                names = ((item.name, item.name),) if item.name else ()
                found = Import(call.spot.span, item.module, names, item.module, call.spot.place)
                yield call.spot, found, f"in the text that {call.name} runs"


def _lost(project: Project, item: Import) -> str:
    """The module that the archive lacks; '' where it has what the import names."""
    modules = project.packaged.modules
    if item.module is None:
        return ""
    inner = (f"{item.module}.{name}" for name, _ in item.names)
    found = [name for name in inner if project.sources.facts(name) is not None] or [item.module]
    return next((name for name in found if name not in modules), "")
