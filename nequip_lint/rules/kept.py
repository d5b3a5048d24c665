"""What the rules of family NQ4xx share: attributes that classes of packaged models set on themselves."""

from __future__ import annotations

from collections.abc import Container, Iterator

from nequip_lint.facts.details.bodies import Body
from nequip_lint.facts.details.kept import Kept
from nequip_lint.facts.details.needs import Invocation
from nequip_lint.facts.details.spots import Spot
from nequip_lint.facts.names import resolve
from nequip_lint.facts.values import Facts
from nequip_lint.held.holdings import BY_TORCH, held_classes, holdings
from nequip_lint.project.model import Project
from nequip_lint.rules.live import is_reached
from nequip_lint.runs.functions import Key
from nequip_lint.runs.life import life
from nequip_lint.runs.making import building_files, making


def held(project: Project, category: str) -> Iterator[tuple[Facts, Kept]]:
    """What objects of a model hold of one category when they are pickled, each once.

    What an installed library does under a test is its option: e3nn keeps TorchScript in one of its modes.
    """
    seen: set[tuple[str, Kept]] = set()
    for facts, item in holdings(project):
        key = (facts.module, item)
        if item.category != category or key in seen or _is_option(project, facts, item.spot):
            continue
        if is_reached(project, facts, item.spot.place):
            seen.add(key)
            yield facts, item


def _is_option(project: Project, facts: Facts, spot: Spot) -> bool:
    return facts.module not in project.owned and bool(spot.place.guards)


def made_by(project: Project, functions: Container[str]) -> Iterator[tuple[Facts, Invocation]]:
    """The calls of some functions where a model is made, under no test that may stay untaken."""
    classes = held_classes(project)
    for facts in building_files(project):
        for call in project.sources.details(facts).invocations:
            spot = call.spot
            is_ours = (facts.module, spot.owner) in classes
            if not spot.owner and spot.function:
                is_ours = Key(facts.module, "", spot.function) in making(project)
            if _is_option(project, facts, spot):
                continue
            if is_ours and call.name in functions and _is_taken(project, facts, call):
                yield facts, call


def _is_taken(project: Project, facts: Facts, call: Invocation) -> bool:
    """Whether the tests around a call are arguments that some call, or their default, sets to True.

    Loops, and tests of what kind a part of the model is, are taken by some part.
    """
    spot = call.spot
    if len(spot.place.guards) <= call.chosen:
        return True
    switched: set[str] = set()
    for other in building_files(project):
        for item in project.sources.details(other).conducts:
            switched |= item.switched
    conducts = project.sources.details(facts).conducts
    own = (item for item in conducts if (item.owner, item.name) == (spot.owner, spot.function))
    arguments = {name for item in own for name in item.arguments} & switched
    return all(test.kind == "name" and test.text in arguments for test in spot.place.guards)


def mentions(project: Project, name: str) -> bool:
    """Whether code that makes models names something, or code that anything else names."""
    found = [
        (Key(facts.module, body.owner, body.name), body)
        for facts in building_files(project)
        for body in project.sources.details(facts).bodies
        if any(f".{resolve(facts, read)}".endswith(f".{name}") for read in body.reads)
    ]
    return any(_is_used(project, key, body) for key, body in found)


def _is_used(project: Project, key: Key, body: Body) -> bool:
    """Whether a function may run: nobody runs one that nothing names."""
    if not key.name or body.decorators or key.name.startswith("__") or key.name in BY_TORCH:
        return True
    if key in making(project) or key in life(project).load or key in life(project).forward:
        return True
    bodies = (one for facts in building_files(project) for one in project.sources.details(facts).bodies)
    return any(key.name in _words(one) for one in bodies if one != body)


def _words(body: Body) -> set[str]:
    """The last parts of the names that code reads, and its texts."""
    return {read.rpartition(".")[2] for read in body.reads} | body.texts
