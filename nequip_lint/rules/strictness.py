"""Where warnings are made errors before a model is packaged or while its package is loaded."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.details.spots import Spot
from nequip_lint.facts.values import Facts
from nequip_lint.project.model import Project
from nequip_lint.runs.at_import import is_certain_at_import
from nequip_lint.runs.functions import Key
from nequip_lint.runs.life import packaged_files
from nequip_lint.runs.making import building_files, making
from nequip_lint.runs.replayed import not_replayed


def strict(project: Project) -> Iterator[tuple[Facts, Spot, str]]:
    """The places, each with what happens there, in words."""
    files = (*building_files(project), *packaged_files(project), *not_replayed(project))
    for facts in {facts.module: facts for facts in files}.values():
        for item in project.sources.details(facts).strict:
            spot = item.spot
            key = Key(facts.module, spot.owner, spot.function)
            if is_certain_at_import(project, facts, spot):
                yield facts, spot, f"{facts.module} makes warnings errors when it is imported"
            elif key in making(project) and not (spot.place.guards or spot.place.caught):
                name = f"{spot.owner}.{spot.function}" if spot.owner else spot.function
                yield facts, spot, f"{name}() makes warnings errors while a model is made"
