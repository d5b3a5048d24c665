"""NQ310 nested-dunder-import: an `__import__` call that torch.package does not see."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.values import Import
from nequip_lint.project.evaluate import catches
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.rules.live import is_run, packaged

_HELP = "write an import statement"


@rule("NQ310")
def nested_dunder_import(project: Project) -> Iterator[Hit]:
    """One hit for each such call whose module nothing else brings into the archive."""
    closure = project.packaged
    for facts, details in packaged(project):
        calls = {call.spot.span: call.spot for call in details.invocations if call.name == "__import__"}
        seen: set[int] = set()
        for item in facts.imports:
            if not _is_unseen(item) or catches(item.place.caught, "ModuleNotFoundError"):
                continue
            spot = calls.get(item.span)
            if spot is None or not is_run(project, facts, spot):
                continue
            if item.module not in closure.modules and item.span.line not in seen:
                seen.add(item.span.line)
                yield at(facts, item.span, _message(item), _HELP, chain=closure.chain(facts.module))


def _is_unseen(item: Import) -> bool:
    return item.bound == "__import__" and not item.walked and item.module is not None


def _message(item: Import) -> str:
    moment = "loading the package" if item.place.at_import else "calling the model"
    return (
        f"{moment} raises ModuleNotFoundError: torch.package does not look for __import__ inside another "
        f"call, so that the package lacks {item.module}"
    )
