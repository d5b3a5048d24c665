"""The code that a load or a use of the model runs, and what a call of it reads."""

from __future__ import annotations

from functools import lru_cache

from nequip_lint.facts.details.bodies import Body
from nequip_lint.facts.values import Facts
from nequip_lint.project.model import Project
from nequip_lint.project.roots import definition_of
from nequip_lint.runs.callees import own_name
from nequip_lint.runs.functions import Key
from nequip_lint.runs.life import life, packaged_files, running
from nequip_lint.runs.replayed import replayed


@lru_cache(maxsize=4)
def later(project: Project) -> tuple[tuple[Facts, Body], ...]:
    """The code that a load or a use of the model runs, modules included."""
    keys, modules = running(project), replayed(project)
    return tuple(
        (facts, body)
        for facts in packaged_files(project)
        for body in project.sources.details(facts).bodies
        if (Key(facts.module, body.owner, body.name) in keys if body.name else facts.module in modules)
    )


@lru_cache(maxsize=4)
def in_forward(project: Project) -> tuple[tuple[Facts, Body], ...]:
    """The functions among them that a call of the model runs."""
    keys = life(project).forward
    return tuple(
        (facts, body) for facts, body in later(project) if Key(facts.module, body.owner, body.name) in keys
    )


@lru_cache(maxsize=4)
def read_in_forward(project: Project) -> frozenset[str]:
    """What a call of the model reads at the top of modules, as `module.name` of where it is defined."""
    names = {own_name(facts, read) for facts, body in in_forward(project) for read in body.reads}
    found = (definition_of(project.sources, name, project.packaged_tops) for name in names)
    return frozenset(".".join(item) for item in found if item is not None)


def is_attribute_read(project: Project, name: str) -> bool:
    """Whether a call of the model reads an attribute of that name, of whatever it is.

    Args:
        project: the project.
        name: dotted; its last part counts.
    """
    return name.rpartition(".")[2] in _attributes(project)


@lru_cache(maxsize=4)
def _attributes(project: Project) -> frozenset[str]:
    reads = (read for _, body in in_forward(project) for read in body.reads - body.filled)
    return frozenset(read.rpartition(".")[2] for read in reads if "." in read)
