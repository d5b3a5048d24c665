"""NQ210 mocked-exception-caught: an exception of a mocked library in an `except`."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.rules.mocked import mocked

_HELP = "register the library as extern, or catch something else"


@rule("NQ210")
def mocked_exception_caught(project: Project) -> Iterator[Hit]:
    """One hit for each such handler that runs at import or in `forward`."""
    for facts in project.executed.values():
        if facts.module not in project.packaged.of("intern"):
            continue
        for item in mocked(project, facts):
            if item.use.how == "except" and item.depth and item.use.where in ("import", "forward"):
                message = (
                    "where another exception comes to this `except`, the packaged model raises TypeError "
                    f"in its place: {item.library} is registered as mock, so that {item.use.name} is no "
                    "exception there"
                )
                chain = project.packaged.chain(facts.module)
                yield at(facts, item.use.span, message, _HELP, item.library, chain)
