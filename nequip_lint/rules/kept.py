"""What the rules of family NQ4xx share: attributes that classes of packaged models set on themselves."""

from __future__ import annotations

from collections.abc import Container, Iterator

from nequip_lint.facts.details import Invocation, Kept
from nequip_lint.facts.values import Facts
from nequip_lint.project.model import Project
from nequip_lint.project.roots import definition_of, resolve_local
from nequip_lint.rules.live import is_reached, packaged

_PLAIN = ("torch.nn.modules.module", "Module")
"""Has a `__setstate__`, for old pickles, but leaves the state as it is."""


def held(project: Project, category: str) -> Iterator[tuple[Facts, Kept]]:
    """The attributes of one category that a module of a model sets and keeps when it is pickled."""
    classes = {(item.module, item.name) for item in project.candidates}
    for facts, details in packaged(project):
        for item in details.kept:
            key = (facts.module, item.spot.owner)
            if item.category != category or key not in classes or _decides(project, key):
                continue
            if is_reached(project, facts, item.spot.place):
                yield facts, item


def made_by(project: Project, functions: Container[str]) -> Iterator[tuple[Facts, Invocation]]:
    """The calls of some functions in the classes of a model, under no test: behind one they are an option."""
    classes = {(item.module, item.name) for item in project.candidates}
    for facts, details in packaged(project):
        for call in details.invocations:
            is_own = (facts.module, call.spot.owner) in classes
            if is_own and call.name in functions and not call.spot.place.guards:
                yield facts, call


def mentions(project: Project, facts: Facts, name: str) -> bool:
    """Whether some code of a file names something."""
    bodies = project.sources.details(facts).bodies
    return any(f".{read}".endswith(f".{name}") for body in bodies for read in body.reads)


def _decides(project: Project, key: tuple[str, str], depth: int = 8) -> bool:
    """Whether a class, or one that it inherits from, decides itself what is pickled."""
    facts = project.sources.facts(key[0])
    if facts is None or not depth or key == _PLAIN:
        return False
    item = next((item for item in facts.classes if item.name == key[1]), None)
    if item is None or item.decides:
        return item is not None
    found = (definition_of(project.sources, resolve_local(facts, base)) for base in item.bases if base)
    return any(_decides(project, base, depth - 1) for base in found if base is not None)
