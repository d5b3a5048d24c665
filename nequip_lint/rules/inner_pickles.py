"""Pickles with own classes inside of a package: in constants of its files, and in what a model keeps."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.details.needs import Invocation
from nequip_lint.facts.details.spots import Spot
from nequip_lint.facts.values import Facts
from nequip_lint.machine.evaluate import catches
from nequip_lint.project.model import Project
from nequip_lint.rules.live import is_internal, live, packaged
from nequip_lint.rules.names_as_text import pickled, pickles
from nequip_lint.rules.pickled_arguments import pickled_argument
from nequip_lint.runs.functions import CONSTRUCTORS, Key
from nequip_lint.runs.life import packaged_functions
from nequip_lint.runs.making import making

_READING = ("load", "loads")


def read_again(project: Project) -> Iterator[tuple[Facts, Spot, str, str]]:
    """The calls that read such a pickle: the place, the function, and what the pickle names."""
    for facts, item in live(project, lambda details: details.embedded):
        is_caught = catches(item.spot.place.caught, "KeyError")
        if is_internal(project, item.module) and not is_caught:
            yield facts, item.spot, item.function, f"{item.module}.{item.name}"
    kept = dict(_kept(project))
    for facts, call in live(project, lambda details: details.invocations) if kept else ():
        if call.name.rpartition(".")[2] in _READING and call.first is not None:
            read = (kept[name] for name in call.first.names if name in kept)
            yield from ((facts, call.spot, call.name, what) for what in read)


def _kept(project: Project) -> Iterator[tuple[str, str]]:
    """The attributes in which a model keeps pickles of own objects, with what these name."""
    for facts, details in packaged(project):
        for call in details.invocations:
            key = Key(facts.module, call.spot.owner, call.spot.function)
            is_kept = _is_kept(project, facts, call, key)
            what = pickled(project, facts, call) or pickled_argument(project, facts, call) if is_kept else ""
            for function in packaged_functions(project).of(key) if what else ():
                yield from ((name.rpartition(".")[2], what) for name in function.body.stores if "." in name)


def _is_kept(project: Project, facts: Facts, call: Invocation, key: Key) -> bool:
    return (key.name in CONSTRUCTORS or key in making(project)) and pickles(facts, call)
