"""NQ312 own-metadata: the metadata of the own distribution read by packaged code."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.values import Probe
from nequip_lint.project.evaluate import catches
from nequip_lint.project.libraries import normalized
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.probed import hit, probes, when

_READERS = tuple(
    f"importlib.metadata.{name}" for name in ("version", "metadata", "distribution", "requires", "files")
)

_HELP = "keep the value in a module of its own"


@rule("NQ312")
def own_metadata(project: Project) -> Iterator[Hit]:
    """One hit for each read that a loaded package runs and nothing catches."""
    for facts, probe in probes(project, "call"):
        caught = {"PackageNotFoundError", "metadata.PackageNotFoundError"} & set(probe.place.caught)
        if caught or catches(probe.place.caught, "ModuleNotFoundError") or not _is_own(project, probe):
            continue
        message = (
            f"{when(project, facts, probe)} fails where your code is not installed: {probe.name} asks for "
            "its installed distribution"
        )
        yield hit(project, facts, probe, message, _HELP)


def _is_own(project: Project, probe: Probe) -> bool:
    if probe.name not in _READERS or not probe.detail:
        return False
    first = probe.detail[0]
    if first in ("__package__", "__name__"):
        return True
    name = first.strip("'\"")
    own = {normalized(item) for item in (project.metadata.name, *project.tops) if item}
    return first[:1] in ("'", '"') and normalized(name) in own
