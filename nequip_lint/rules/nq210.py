"""NQ210 mocked-exception-caught: an exception of a mocked library in an `except`."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.values import Facts
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.rules.live import live
from nequip_lint.rules.mocked import mocked
from nequip_lint.rules.nq208 import mocked_origin
from nequip_lint.values import Span

_HELP = "register the library as extern, or catch something else"


@rule("NQ210")
def mocked_exception_caught(project: Project) -> Iterator[Hit]:
    """One hit for each such handler that a load or a use of the model may come to."""
    for facts, use in live(project, lambda details: details.late_uses):
        origin = mocked_origin(project, facts, use.name) if use.how == "except" else None
        if origin is not None:
            yield _hit(project, facts, use.spot.span, use.name, origin.module)
    for facts in project.executed.values():
        if facts.module not in project.packaged.of("intern"):
            continue
        for item in mocked(project, facts):
            if item.use.how == "except" and item.depth and item.use.where in ("import", "forward"):
                yield _hit(project, facts, item.use.span, item.use.name, item.library)


def _hit(project: Project, facts: Facts, span: Span, name: str, library: str) -> Hit:
    message = (
        "where another exception comes to this `except`, the packaged model raises TypeError in its place: "
        f"{library} is registered as mock, so that {name} is no exception there"
    )
    return at(facts, span, message, _HELP, library, project.packaged.chain(facts.module))
