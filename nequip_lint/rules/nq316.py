"""NQ316 patch-not-replayed: an internal module changed by code that the package leaves out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nequip_lint.facts.names import resolve
from nequip_lint.facts.values import Facts, Probe
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.rules.probed import packaged
from nequip_lint.rules.texts import text_of

_HELP = "set it where it is defined, or keep it in the module that reads it"


@rule("NQ316")
def patch_not_replayed(project: Project) -> Iterator[Hit]:
    """One hit for each attribute that packaged code reads."""
    closure = project.packaged
    for facts in project.executed.values():
        if facts.module in closure.modules:
            continue
        for probe in project.sources.detailed(facts).probes:
            module, attribute = _target(project, facts, probe)
            if module in closure.of("intern") and _is_read(project, attribute):
                message = (
                    f"the packaged model reads another {attribute} of {module} than is set here: "
                    f"{facts.module} itself is not in the package and does not run when that is loaded"
                )
                yield at(facts, probe.span, message, _HELP, module)


def _target(project: Project, facts: Facts, probe: Probe) -> tuple[str, str]:
    """The module and the attribute that a probe sets at import; empty where it sets none."""
    name = ""
    if probe.kind == "set":
        name = probe.name
    elif probe.kind == "call" and probe.name == "setattr" and len(probe.detail) == 3:
        text = probe.detail[1]
        literal = text.strip("'\"") if text[:1] in ("'", '"') else ""
        name = f"{resolve(facts, probe.detail[0])}.{literal}" if literal else ""
    module, _, attribute = name.rpartition(".")
    return (module, attribute) if probe.place.at_import and module and attribute else ("", "")


def _is_read(project: Project, attribute: str) -> bool:
    word = re.compile(rf"(?:\.|import\b[^\n]*\b|getattr\([^\n]*['\"]){re.escape(attribute)}\b")
    return any(word.search(text_of(facts)) for facts in packaged(project))
