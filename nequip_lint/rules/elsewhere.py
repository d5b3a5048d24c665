"""Names that own modules define only under a test, where other modules import them."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.values import Facts, Import
from nequip_lint.hazards.missing_names import may_bind
from nequip_lint.hazards.scene import Scene
from nequip_lint.machine.evaluate import catches
from nequip_lint.project.model import Project


def missing_elsewhere(project: Project) -> Iterator[tuple[Facts, Import, str, str]]:
    """The imports of names that own modules define only under tests that fail on some machine."""
    worlds = [project.world(project.full_world.target._replace(gpu=False)), project.bare_world]
    for facts in project.executed.values():
        for item in facts.imports if facts.module in project.owned else ():
            if not item.place.at_import or not item.names or catches(item.place.caught, "ImportError"):
                continue
            other = project.owned.get(item.module or "")
            if other is None or other.module == facts.module:
                continue
            for name, _ in item.names:
                is_module = project.sources.location(f"{other.module}.{name}") is not None
                scenes = ((Scene(facts, world), Scene(other, world)) for world in worlds)
                if not is_module and any(_is_missing(*pair, item, name) for pair in scenes):
                    yield facts, item, other.module, name


def _is_missing(here: Scene, there: Scene, item: Import, name: str) -> bool:
    """Whether a machine comes to an import, and the other module surely does not give the name."""
    bindings, imports = there.bindings.get(name, ()), there.imports.get(name, ())
    if not (bindings or imports) or there.binds_unseen or "__getattr__" in there.bindings:
        return False
    is_bound = any(there.judge.all(one.place.guards) is not False for one in bindings)
    is_bound = is_bound or any(may_bind(one, there.judge) for one in imports)
    return here.judge.all(item.place.guards) is True and not is_bound
