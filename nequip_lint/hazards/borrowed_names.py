"""A name that another module of one's own binds to None where a library is absent, at work at import."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from nequip_lint.facts.names import bound_names, resolve
from nequip_lint.facts.values import Decoration, Facts, Import
from nequip_lint.hazards.cause import Cause, Reason
from nequip_lint.hazards.hazard import Event, hazard
from nequip_lint.hazards.missing_names import error_of, failed_import, value_of
from nequip_lint.hazards.scene import Scene

CAUSE = Cause("NQ105", "{} of {} is None without {}, and `{}` is used at import")
_DEEPEST = 4
"""Modules that a name is taken through."""


class Borrowed(NamedTuple):
    """A name of another module that is None there: the name, the module, the library that is absent.

    `rest` is what is read of it.
    """

    name: str
    module: str
    library: str
    rest: str


@hazard("decorations", lambda facts, item: "." in resolve(facts, item.name))
def borrowed_decorators(scene: Scene, item: Decoration) -> Iterable[Event]:
    """Every decorator of such a name."""
    found = borrowed(scene, item.name)
    if found is None or scene.judge.all(item.place.guards) is not True:
        return ()
    why = Reason(CAUSE, (found.name, found.module, found.library, item.name))
    return (Event(item, error_of("decorator", found.rest, "None"), why, f"@{item.name}"),)


def message(facts: Facts, found: Borrowed, error: str) -> str:
    """What happens to the model."""
    return (
        f"where {found.library} is not installed, importing {facts.module} raises {error}, in a build and "
        f"from a package: {found.name} of {found.module} is None there"
    )


def borrowed(scene: Scene, name: str, depth: int = _DEEPEST) -> Borrowed | None:
    """What a dotted name of a module stands for, if another module of its package makes that None.

    Args:
        scene: the module on a machine.
        name: as the module has it.
        depth: how many modules may hand it on.
    """
    full = resolve(scene.facts, name)
    is_own = full != name and full.partition(".")[0] == scene.facts.module.partition(".")[0]
    owner = _owner(scene, full) if is_own and name.partition(".")[0] not in scene.bindings else None
    if owner is None or owner.module == scene.facts.module:
        return None
    inner, _, rest = full[len(owner.module) + 1 :].partition(".")
    there = Scene(owner, scene.world)
    item = next(_failing(there, inner), None)
    if item is not None and value_of(there, inner) == "None":
        return Borrowed(inner, owner.module, (item.module or "").partition(".")[0], rest)
    return borrowed(there, full[len(owner.module) + 1 :], depth - 1) if depth else None


def _owner(scene: Scene, full: str) -> Facts | None:
    """The module whose name a dotted name begins with, the longest one, and there is more behind it."""
    module = full.rpartition(".")[0]
    while module:
        facts = scene.world.facts(module)
        if facts is not None:
            return facts
        module = module.rpartition(".")[0]
    return None


def _failing(scene: Scene, name: str) -> Iterator[Import]:
    """The imports of a name that fail on the machine, with the file going on all the same."""
    found = (item for item in scene.facts.imports if item.place.at_import and name in bound_names(item))
    return (item for item in found if failed_import(item, scene))
