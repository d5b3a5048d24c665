"""NQ319 state-set-by-builder: a module or class changed while a model is made, and read when it runs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from nequip_lint.facts.details import Assigned, Spot
from nequip_lint.facts.names import resolve
from nequip_lint.facts.values import Facts
from nequip_lint.project.model import Project
from nequip_lint.project.roots import definition_of
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.rules.live import set_by
from nequip_lint.runs.functions import Key
from nequip_lint.runs.making import building_files, making
from nequip_lint.runs.state import used_later

_ALWAYS_READ = ("forward", "__call__")
_HELP = "keep it on the instance"


class _Store(NamedTuple):
    """A statement in a function that sets what outlives it; `name` is resolved where imports tell."""

    facts: Facts
    spot: Spot
    name: str
    is_item: bool


@rule("NQ319")
def state_set_by_builder(project: Project) -> Iterator[Hit]:
    """One hit for each attribute and function that sets it."""
    seen: set[tuple[str, ...]] = set()
    for store in _stores(project) if project.candidates else ():
        target = _target(project, store)
        key = Key(store.facts.module, store.spot.owner, store.spot.function)
        if target is None or (*key, *target) in seen or key not in making(project):
            continue
        if _is_lost(project, target, store.is_item):
            seen.add((*key, *target))
            yield at(store.facts, store.spot.span, _message(key, target), _HELP, target[0])


def _stores(project: Project) -> Iterator[_Store]:
    for facts in building_files(project):
        details = project.sources.details(facts)
        for item in details.assigned:
            if item.spot.function:
                yield _Store(facts, item.spot, _full(facts, item), item.is_item)
        for call in details.invocations:
            owner, name = set_by(call)
            if name and call.spot.function:
                full = f"{resolve(facts, owner)}.{name}"
                yield _Store(facts, call.spot, _own(facts, call.spot, full), False)


def _full(facts: Facts, item: Assigned) -> str:
    is_global = "." not in item.name
    return f"{facts.module}.{item.name}" if is_global else _own(facts, item.spot, item.name)


def _own(facts: Facts, spot: Spot, name: str) -> str:
    """The absolute name behind one that may begin with `cls` or a name of the file."""
    head, _, rest = name.partition(".")
    if head == "cls":
        return f"{facts.module}.{spot.owner}.{rest}" if spot.owner else ""
    return f"{facts.module}.{name}" if any(item.name == head for item in facts.bindings) else name


def _target(project: Project, store: _Store) -> tuple[str, str] | None:
    """The packaged module and the name in it that a statement sets; None where it sets something else."""
    found = definition_of(project.sources, store.name) or _outside(project, store.name)
    is_kept = found is not None and found[0] in project.packaged.modules and found[0] in project.owned
    return found if is_kept else None


def _outside(project: Project, name: str) -> tuple[str, str] | None:
    """A module and a name that only such a statement gives it."""
    module, _, attribute = name.rpartition(".")
    return (module, attribute) if project.sources.facts(module) is not None else None


def _is_lost(project: Project, target: tuple[str, str], is_item: bool) -> bool:
    """Whether code that runs in a package reads the attribute, and neither it nor instances set it."""
    owner, _, name = target[1].rpartition(".")
    if owner and _is_set_by_instances(project, target[0], owner, name):
        return False
    means = partial(_is_meant, project, target, is_item)
    used = used_later(project)
    is_read = name in _ALWAYS_READ or any(means(*one) for one in used.reads.get(name, ()))
    return is_read and not any(means(*one) for one in used.stores.get(name, ()))


def _is_set_by_instances(project: Project, module: str, owner: str, name: str) -> bool:
    bodies = project.sources.details(project.owned[module]).bodies
    return any(body.owner == owner and f"self.{name}" in body.stores for body in bodies)


def _is_meant(project: Project, target: tuple[str, str], item: bool, facts: Facts, name: str) -> bool:
    """Whether a name in a file stands for the attribute; what an import binds keeps its first value."""
    module, attribute = target
    owner, _, last = attribute.rpartition(".")
    head, *parts = name.split(".")
    if last not in (head, *parts):
        return False
    if owner and last in parts and head in ("self", "cls", "?"):
        return True
    if facts.module == module and f"{name}.".startswith(f"{attribute}."):
        return True
    if not parts and not item:
        return False
    known = ".".join([head, *parts][: [head, *parts].index(last) + 1])
    full = resolve(facts, known)
    return full == f"{module}.{attribute}" or definition_of(project.sources, full) == target


def _message(key: Key, target: tuple[str, str]) -> str:
    maker = f"{key.owner}.{key.name}" if key.owner else key.name
    return (
        f"a loaded package computes with the {target[1]} that the source of {target[0]} gives, not with "
        f"this one: {maker}() sets it while a model is made, and loading a package does not run that"
    )
