"""NQ202 refused-stdlib-module: `sys` or `io` in the packaged set without a registration that covers it."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.machine import standard_library as stdlib
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.rules.how_to_register import as_extern
from nequip_lint.rules.refused import refusals


@rule("NQ202")
def refused_stdlib_module(project: Project) -> Iterator[Hit]:
    """One hit for each statement that imports such a module or leads to one in code that is not linted."""
    seen: set[tuple[str, int, str]] = set()
    for refusal in refusals(project):
        facts, item = refusal.edge
        key = (facts.path, item.span.line, refusal.module)
        if refusal.module not in stdlib.DISALLOWED or refusal.heavy or key in seen:
            continue
        seen.add(key)
        message = (
            f"the build of every model that uses {facts.module} is refused: torch.package takes "
            f"{refusal.module!r} only where it is registered as extern, and here it is not"
        )
        help = f"do without it in {facts.module}, or {as_extern(project, refusal.module)}"
        yield at(facts, item.span, message, help, refusal.module, refusal.chain)
