"""NQ316 patch-not-replayed: an internal module changed by code that the package leaves out."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.runs.effects import WHOLE, Change
from nequip_lint.runs.lost import lost

_HELP = "set it where it is defined, or keep it in the module that reads it"
_FILLED = "import this module in the one that needs the entry, or define the entry there"


@rule("NQ316")
def patch_not_replayed(project: Project) -> Iterator[Hit]:
    """One hit for each thing that a module changes when it is imported."""
    seen: set[tuple[str, str]] = set()
    for change in lost(project):
        key = (change.facts.module, change.target)
        if change.spot.place.at_import and key not in seen:
            seen.add(key)
            help = _FILLED if change.is_item else _HELP
            yield at(change.facts, change.spot.span, _message(change), help, _module(change))


def _module(change: Change) -> str:
    return change.definition.module if change.definition is not None else ""


def _message(change: Change) -> str:
    owner, _, name = change.target.rpartition(".")
    module, name = change.definition or (owner, name)
    does = f"lacks what is added to {name.removesuffix(f'.{WHOLE}')} of {module} here"
    if not change.is_item:
        does = f"reads another {name} of {module} than is set here"
    return f"the packaged model {does}: {change.facts.module} itself does not run when the package is loaded"
