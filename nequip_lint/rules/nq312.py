"""NQ312 own-metadata: the metadata of the own distribution read by packaged code."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.details import Invocation
from nequip_lint.project.evaluate import catches
from nequip_lint.project.libraries import normalized
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.live import hit, live, when

_READERS = tuple(
    f"importlib.metadata.{name}" for name in ("version", "metadata", "distribution", "requires", "files")
)

_HELP = "keep the value in a module of its own"


@rule("NQ312")
def own_metadata(project: Project) -> Iterator[Hit]:
    """One hit for each read that a loaded package runs and nothing catches."""
    for facts, call in live(project, lambda details: details.invocations):
        caught = call.spot.place.caught
        is_caught = "PackageNotFoundError" in caught or catches(caught, "ModuleNotFoundError")
        if call.name in _READERS and not is_caught and _is_own(project, call):
            message = (
                f"{when(project, facts, call.spot)} fails where your code is not installed: {call.name} "
                "asks for its installed distribution"
            )
            yield hit(project, facts, call.spot, message, _HELP)


def _is_own(project: Project, call: Invocation) -> bool:
    """Whether a call asks for the distribution of the project."""
    given = call.first
    if given is None or given.string is None:
        return given is not None and given.name in ("__package__", "__name__")
    own = {normalized(item) for item in (project.metadata.name, *project.tops) if item}
    return normalized(given.string) in own
