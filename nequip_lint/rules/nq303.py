"""NQ303 library-definition-at-import: an operator that can be defined only once per process."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.details.module import Details
from nequip_lint.facts.details.needs import Invocation
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.live import hit, live, not_again
from nequip_lint.runs.at_import import is_certain_at_import

_LIBRARY = "torch.library.Library"

_HELP = "put it under `if not hasattr(torch.ops.<namespace>, <operator>):`"


@rule("NQ303")
def library_definition_at_import(project: Project) -> Iterator[Hit]:
    """One hit for each file, at the first definition that nothing guards."""
    seen: set[str] = set()
    for facts, call in live(project, lambda details: details.invocations):
        if facts.module in seen or not is_certain_at_import(project, facts, call.spot):
            continue
        details = project.sources.details(facts)
        is_of_module = any(thing.function == _LIBRARY for thing in details.misnamed)
        if _defines(call, details) and not is_of_module:
            seen.add(facts.module)
            message = (
                "a second package with this code, or a package beside your installed code, "
                f"{not_again(project, facts)}: {call.name} defines an operator when {facts.module} is "
                "imported, which torch allows once per process"
            )
            yield hit(project, facts, call.spot, message, _HELP)


def _defines(call: Invocation, details: Details) -> bool:
    if call.name == _LIBRARY:
        kind = call.argument(1, "kind")
        return kind is not None and kind.string == "DEF"
    if call.name == "torch.library.define":
        return True
    is_made = any(other.name == _LIBRARY for other in details.invocations)
    return is_made and call.name.endswith(".define")
