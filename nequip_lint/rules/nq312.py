"""NQ312 own-metadata: the metadata of the own distribution read by packaged code."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.declared.metadata import GROUP
from nequip_lint.facts.details.needs import Invocation
from nequip_lint.facts.values import Facts
from nequip_lint.machine.evaluate import catches
from nequip_lint.machine.libraries import normalized
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.live import hit, live, when
from nequip_lint.summaries.releases import available

_MODULES = ("importlib.metadata", "importlib_metadata")
_NAMES = ("version", "metadata", "distribution", "requires", "files", "Distribution.from_name")
_READERS = frozenset(f"{module}.{name}" for module in _MODULES for name in _NAMES)
_ENTRY_POINTS = frozenset(f"{module}.entry_points" for module in _MODULES)
_HELP = "keep the value in a module of its own, or catch importlib.metadata.PackageNotFoundError"


@rule("NQ312")
def own_metadata(project: Project) -> Iterator[Hit]:
    """One hit for each read that a loaded package runs and nothing catches."""
    for facts, call in live(project, lambda details: details.invocations):
        caught = call.spot.place.caught
        is_caught = "PackageNotFoundError" in caught or catches(caught, "ModuleNotFoundError")
        if call.name in _ENTRY_POINTS and _is_own_group(project, call):
            message = (
                f"{when(project, facts, call.spot)} finds nothing where your code is not installed: "
                f"{call.name} asks for the entry points of installed distributions"
            )
            yield hit(project, facts, call.spot, message, "import what the entry points name")
        if call.name in _READERS and not is_caught and _is_own(project, facts, call):
            asked = (call.first.string if call.first is not None else "") or "your code"
            message = (
                f"{when(project, facts, call.spot)} fails where {asked} is not installed: {call.name} asks "
                "for the installed distribution"
            )
            yield hit(project, facts, call.spot, message, _HELP)


def _is_own(project: Project, facts: Facts, call: Invocation) -> bool:
    """Whether a call asks for the distribution of the project, or of a package whose source is archived."""
    given = call.first
    if given is None or given.string is None:
        return given is not None and given.name in ("__package__", "__name__")
    tops = {name.partition(".")[0] for name in (*project.tops, *project.patterns.intern, facts.module)}
    known = available()
    released = (known[top].releases[-1].distribution for top in tops if top in known)
    own = {normalized(item) for item in (project.metadata.name, *tops, *released) if item}
    return normalized(given.string) in own


def _is_own_group(project: Project, call: Invocation) -> bool:
    """Whether a call asks for a group of entry points that only the project itself fills for certain."""
    given = dict(call.keywords).get("group")
    group = (given.string or "") if given is not None else ""
    own = any(group == top or group.startswith(f"{top}.") for top in project.tops)
    return own and group != GROUP
