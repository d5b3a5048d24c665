"""One file on a machine without optional libraries: what its functions use there and lack."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import NamedTuple

from nequip_lint.closure.world import World
from nequip_lint.facts.details.choices import Option
from nequip_lint.facts.details.spots import Spot
from nequip_lint.facts.names import bound_names
from nequip_lint.facts.values import Facts
from nequip_lint.hazards.borrowed_names import borrowed
from nequip_lint.hazards.missing_names import error_of, failed_import, value_of
from nequip_lint.hazards.scene import Scene
from nequip_lint.machine.evaluate import Judge, catches
from nequip_lint.project.model import Project
from nequip_lint.project.roots import Definition, definition_of, resolve_local


class Used(NamedTuple):
    """A use in a function: at work, or behind an attribute of what is imported."""

    name: str
    how: str
    spot: Spot


class Lacking:
    """One file on a machine without optional libraries, which has a GPU.

    Args:
        project: the project.
        facts: of the file.
    """

    def __init__(self, project: Project, facts: Facts) -> None:
        self.project = project
        self.facts = facts
        self.details = project.sources.details(facts)
        world, full = _bare(project), project.full_world
        self.scene = Scene(facts, world)
        self.bare = Judge(facts, world.target, world.importable, facts_of=world.facts)
        self.full = Judge(facts, full.target, full.importable, facts_of=full.facts)

    def is_only_there(self, option: Option) -> bool:
        """Whether something is chosen only where libraries are there."""
        return self.bare.all(option.tests) is False and self.full.all(option.tests) is not False

    def own(self, name: str) -> Definition | None:
        """The definition behind a name, if that is in the linted files."""
        found = definition_of(self.project.sources, resolve_local(self.facts, name))
        return found if found is not None and found[0] in self.project.owned else None

    def lacks(self, used: Used) -> tuple[str, str] | None:
        """The library that a use lacks on the machine, and what it raises."""
        head, _, rest = used.name.partition(".")
        item = next((i for i in self.facts.imports if i.place.at_import and head in bound_names(i)), None)
        if item is not None and failed_import(item, self.scene):
            library, value = (item.module or "").partition(".")[0], value_of(self.scene, head)
        else:
            found = borrowed(self.scene, used.name)
            library, value = (found.library, "None") if found is not None else ("", "")
            rest = found.rest if found is not None else ""
        error = error_of(used.how, rest, value) if library and self._is_third(library) else ""
        return (library, error) if error and not catches(used.spot.place.caught, error) else None

    def _is_third(self, library: str) -> bool:
        return self.project.is_third_party(library) and self.project.patterns.action(library) != "mock"

    @cached_property
    def uses(self) -> list[Used]:
        """What functions put to work, those of names that imports bind."""
        late = [Used(item.name, item.how, item.spot) for item in self.details.late_uses]
        bodies = [item for item in self.details.bodies if item.name == "forward"]
        for use in self.facts.library_uses:
            line = use.span.line
            around = (b for b in bodies if use.where == "forward" and b.span.line <= line <= b.span.end_line)
            late += [Used(use.name, use.how, Spot(use.span, use.place, b.owner, b.name)) for b in around]
        return late


@lru_cache(maxsize=4)
def _bare(project: Project) -> World:
    """A machine without optional libraries that has a GPU."""
    return project.world(project.bare_world.target._replace(gpu=True))


def given(project: Project, definition: Definition) -> set[str]:
    """The texts that a function gives back only where libraries are there."""
    file = Lacking(project, project.owned[definition[0]])
    results = (
        item for item in file.details.choices if (item.name, item.spot.function) == ("return", definition[1])
    )
    options = [option for item in results for option in item.options if option.text]
    return {option.text for option in options if file.is_only_there(option)}


def needs(project: Project, definition: Definition) -> tuple[str, str, str] | None:
    """The library that a function or a call of an object needs for certain, what is used of it, the error."""
    module, name = definition
    facts = project.owned[module]
    file = Lacking(project, facts)
    for used in file.uses:
        spot = used.spot
        is_here = (spot.owner, spot.function) in (("", name), (name, "forward"), (name, "__call__"))
        found = file.lacks(used) if is_here and file.bare.all(spot.place.guards) is True else None
        if found is not None:
            return found[0], used.name, found[1]
    return None
