"""NQ209 uninternable-module: an internal module in the packaged set without Python source of its own."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.project.locate import Kind
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.rules.refused import refusals

_REASONS = {
    Kind.NAMESPACE: ("is a folder without __init__.py, named itself by this import", "add an __init__.py"),
    Kind.BINARY: ("is a compiled extension", "register exactly this module as extern"),
    Kind.BYTECODE: ("has bytecode but no source file", "ship its source"),
}


@rule("NQ209")
def uninternable_module(project: Project) -> Iterator[Hit]:
    """One hit for each module, at the first statement that leads to it."""
    seen: set[str] = set()
    for refusal in refusals(project):
        place = project.sources.location(refusal.module)
        if refusal.module in seen or place is None or place.kind not in _REASONS:
            continue
        if project.patterns.action(refusal.module) != "intern":
            continue
        seen.add(refusal.module)
        facts, item = refusal.edge
        reason, help = _REASONS[place.kind]
        message = f"the build is refused: torch.package cannot take {refusal.module}, which {reason}"
        yield at(facts, item.span, message, help, refusal.module, refusal.chain)
