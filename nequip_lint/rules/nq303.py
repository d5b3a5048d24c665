"""NQ303 library-definition-at-import: an operator that can be defined only once per process."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.values import Facts, Probe
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.probed import hit, not_again, probes

_LIBRARY = "torch.library.Library"

_HELP = "put it under `if not hasattr(torch.ops.<namespace>, <operator>):`"


@rule("NQ303")
def library_definition_at_import(project: Project) -> Iterator[Hit]:
    """One hit for each file, at the first definition that nothing guards."""
    seen: set[str] = set()
    for facts, probe in probes(project, "call"):
        place = probe.place
        free = place.at_import and not place.guards and not place.caught
        if free and facts.module not in seen and _defines(facts, probe):
            seen.add(facts.module)
            message = (
                "a second package with this code, or a package beside your installed code, "
                f"{not_again(project, facts)}: {probe.name} defines an operator when {facts.module} is "
                "imported, which torch allows once per process"
            )
            yield hit(project, facts, probe, message, _HELP)


def _defines(facts: Facts, probe: Probe) -> bool:
    if probe.name == _LIBRARY:
        return any(
            text.partition("=")[2].strip("'\"") == "DEF" or text in ("'DEF'", '"DEF"')
            for text in probe.detail
        )
    if probe.name == "torch.library.define":
        return True
    made = any(other.kind == "call" and other.name == _LIBRARY for other in facts.probes)
    return made and probe.name.endswith(".define")
