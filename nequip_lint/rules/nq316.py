"""NQ316 patch-not-replayed: an internal module changed by code that the package leaves out."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.details import Details, Spot
from nequip_lint.facts.names import resolve
from nequip_lint.facts.values import Facts
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.rules.live import packaged, set_by

_HELP = "set it where it is defined, or keep it in the module that reads it"


@rule("NQ316")
def patch_not_replayed(project: Project) -> Iterator[Hit]:
    """One hit for each attribute that packaged code reads."""
    closure = project.packaged
    for facts in project.executed.values():
        if facts.module in closure.modules:
            continue
        for spot, name in _set_at_import(facts, project.sources.details(facts)):
            module, _, attribute = name.rpartition(".")
            if module in project.interned and _is_read(project, attribute):
                message = (
                    f"the packaged model reads another {attribute} of {module} than is set here: "
                    f"{facts.module} itself is not in the package and does not run when that is loaded"
                )
                yield at(facts, spot.span, message, _HELP, module)


def _set_at_import(facts: Facts, details: Details) -> Iterator[tuple[Spot, str]]:
    """The attributes of imported modules that a file sets when it is imported."""
    for item in details.assigned:
        if item.spot.place.at_import and not item.is_item:
            yield item.spot, item.name
    for call in details.invocations:
        owner, name = set_by(call)
        if name and call.spot.place.at_import:
            yield call.spot, f"{resolve(facts, owner)}.{name}"


def _is_read(project: Project, attribute: str) -> bool:
    """Whether packaged code reads an attribute of the name, or imports it."""
    for facts, details in packaged(project):
        if any(attribute == name for item in facts.imports for name, _ in item.names):
            return True
        if any(f".{name}".endswith(f".{attribute}") for body in details.bodies for name in body.reads):
            return True
    return False
