"""How much of a project was judged: which classes of models, and with which sources."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

from nequip_lint.declared.installed import distributions
from nequip_lint.engine.releases import releases_of
from nequip_lint.machine.libraries import import_names
from nequip_lint.project.assemble import Assembled
from nequip_lint.project.model import Project


class Extent(NamedTuple):
    """What was judged of one project, and what was read for it.

    `classes` counts the classes that are known to belong to a model, `modules` the modules that they are in;
    no modules mean that nothing was judged. `owners` are the packages of these classes where none is the
    project's own: its builders make them. `lost` counts the builders that could not be followed. `installed`
    are the packages whose source was read in the `environment`, `summaries` the releases whose summaries
    stood in for source.
    """

    classes: int
    modules: int
    environment: Path | None
    installed: tuple[str, ...]
    summaries: tuple[str, ...]
    owners: tuple[str, ...] = ()
    lost: int = 0


def extent_of(item: Assembled) -> Extent:
    """What was judged of a project, asked when its rules have run."""
    project = item.project
    modules = list(dict.fromkeys(module for module, _ in project.judged))
    own = [module for module in modules if module in project.owned]
    read = {name.partition(".")[0] for name in project.sources.read()} - project.tops
    summaries = releases_of(item.combinations, lambda choice: choice.package in read)
    sources = (item.environment, tuple(_installed(project, read)), tuple(summaries))
    lost = len(project.lost)
    if own:
        return Extent(_classes(project, own), len(own), *sources, lost=lost)
    made = [place for place in project.judged if project.ancestry.kind(*place)]
    owners = dict.fromkeys(module.partition(".")[0] for module, _ in made)
    return Extent(len(made), len(modules), *sources, tuple(sorted(owners)), lost)


def _classes(project: Project, roots: Collection[str]) -> int:
    """How many classes of own roots belong to a model; of roots that are given all do."""
    found = (item for item in project.candidates if item.module in roots)
    return sum(item.is_root or not project.infers_roots for item in found)


def _installed(project: Project, read: set[str]) -> Iterator[str]:
    """The internal packages that were read in an environment, with their versions, nequip first."""
    tops = read & project.internal_tops
    known = distributions(project.sources.installed) if tops else {}
    for key in sorted(known, key=lambda key: (key != "nequip", key)):
        item = known[key]
        if not tops.isdisjoint((*item.packages, *import_names(item.name))):
            yield f"{item.name} {item.version}"
