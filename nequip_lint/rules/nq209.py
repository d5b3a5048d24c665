"""NQ209 uninternable-module: an internal module in the packaged set without Python source of its own."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.closure.packaged import UNSOURCED
from nequip_lint.hazards.refusals import BINARY
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.rules.refused import refusals
from nequip_lint.rules.registering import as_extern


@rule("NQ209")
def uninternable_module(project: Project) -> Iterator[Hit]:
    """One hit for each module and file, at the first statement there that leads to it."""
    seen: set[tuple[str, str]] = set()
    for refusal in refusals(project):
        why = project.packaged.modules[refusal.module].why
        (facts, item), cause = refusal.edge, None if why is None else why.cause
        key = (facts.path, refusal.module)
        if key not in seen and cause is not None and cause in UNSOURCED.values():
            seen.add(key)
            message = (
                f"the build of every model that uses {facts.module} is refused: torch.package cannot take "
                f"{refusal.module}: {why}"
            )
            help = as_extern(project, refusal.module) if cause is BINARY else cause.help
            yield at(facts, item.span, message, help, refusal.module, refusal.chain)
