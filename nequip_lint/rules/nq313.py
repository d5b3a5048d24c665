"""NQ313 environment-variable-at-import: `os.environ[...]` without a default when a module is imported."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.values import Facts, Probe
from nequip_lint.project.evaluate import catches
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.probed import hit, probes

_HELP = "use os.environ.get with a default"


@rule("NQ313")
def environment_variable_at_import(project: Project) -> Iterator[Hit]:
    """One hit for each variable and file."""
    seen: set[tuple[str, str]] = set()
    for facts, probe in probes(project, "subscript"):
        place = probe.place
        if probe.name != "os.environ" or probe.detail[1] != "load" or not place.at_import or place.guards:
            continue
        key = (facts.module, probe.detail[0])
        if key in seen or catches(place.caught, "KeyError") or _is_set_here(facts, probe):
            continue
        seen.add(key)
        message = (
            "loading the package raises KeyError on a machine without this variable: "
            f"os.environ[{probe.detail[0]}] is read when {facts.module} is imported"
        )
        yield hit(project, facts, probe, message, _HELP)


def _is_set_here(facts: Facts, probe: Probe) -> bool:
    """Whether the file gives the variable a value itself."""
    stored = any(
        other.kind == "subscript" and other.detail == (probe.detail[0], "store") for other in facts.probes
    )
    return stored or any(call.name.endswith("environ.setdefault") for call in facts.calls)
