"""What the rules of families NQ3xx to NQ5xx share: the probes that matter in the packaged files."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.values import Facts, Probe
from nequip_lint.project.evaluate import Judge
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, at


def packaged(project: Project) -> Iterator[Facts]:
    """The linted files that the archive holds."""
    for name in project.interned:
        facts = project.owned.get(name)
        if facts is not None and not facts.problem:
            yield project.sources.detailed(facts)


def probes(project: Project, *kinds: str) -> Iterator[tuple[Facts, Probe]]:
    """The probes of some kinds in packaged files that a load or a use of the model evaluates somewhere."""
    for facts in packaged(project):
        for probe in facts.probes:
            if probe.kind in kinds and probe.runs and is_reached(project, facts, probe):
                yield facts, probe


def is_reached(project: Project, facts: Facts, probe: Probe) -> bool:
    """Whether some machine evaluates a probe: its tests are known to fail on none, or not on all."""
    worlds = (project.full_world, project.bare_world)
    return any(
        Judge(facts, world.target, world.importable).all(probe.place.guards) is not False for world in worlds
    )


def hit(project: Project, facts: Facts, probe: Probe, message: str, help: str) -> Hit:
    """A hit at a probe, with the chain that brings its file into the archive."""
    return at(facts, probe.span, message, help, chain=project.packaged.chain(facts.module))


def is_internal(project: Project, module: str) -> bool:
    """Whether the top-level package of a module is interned when this project's models are packaged."""
    top = module.partition(".")[0]
    return any(name.partition(".")[0] == top for name in project.patterns.intern)


def when(project: Project, facts: Facts, probe: Probe) -> str:
    """In which moment of a package's life a probe is evaluated, as a user reads it."""
    if not probe.place.at_import and probe.owner and probe.function == "forward":
        return f"running the model ({probe.owner}.forward)"
    if not probe.place.at_import:
        return f"calling {probe.owner}.{probe.function}" if probe.owner else f"calling {probe.function}()"
    if facts.module in project.loaded:
        return "loading the package"
    return f"the first import of {facts.module} out of the package"


def not_again(project: Project, facts: Facts) -> str:
    """What fails where a file runs once more in a process that takes something from it only once."""
    if facts.module in project.loaded:
        return "does not load"
    return f"loads, and fails where a function first imports {facts.module}"
