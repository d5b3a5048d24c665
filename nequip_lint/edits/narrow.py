"""Where a name of a package is defined, in every release that the project allows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from nequip_lint.closure.packaged import packaged_set
from nequip_lint.closure.world import bound_in
from nequip_lint.edits.declined import Declined
from nequip_lint.project.assemble import Assembled
from nequip_lint.project.model import Project
from nequip_lint.project.roots import definition_of


class Definition(NamedTuple):
    """A module, and the name that it defines."""

    module: str
    name: str


def imports_of(names: Iterable[tuple[str, Definition]]) -> list[str]:
    """The imports of some names, given with what each is called: one for each module, in order."""
    modules: dict[str, dict[str, None]] = {}
    for local, (module, name) in names:
        text = name if local == name else f"{name} as {local}"
        modules.setdefault(module, {})[text] = None
    return [f"from {module} import {', '.join(sorted(texts))}" for module, texts in sorted(modules.items())]


class Packages:
    """The internal packages that a project imports from, as the allowed releases have them.

    Args:
        assembled: the project.
    """

    def __init__(self, assembled: Assembled) -> None:
        self._assembled = assembled
        self._projects: dict[str, list[Project]] = {}
        self._light: dict[str, bool] = {}

    def is_light(self, module: str) -> bool:
        """Whether a name is a module, in every release, with which nothing comes that is refused."""
        if module not in self._light:
            self._light[module] = all(
                project.sources.facts(module) is not None and _is_clean(project, module)
                for project in self._releases(module)
            )
        return self._light[module]

    def is_module(self, name: str) -> bool:
        """Whether a name is a module in the newest release."""
        return self._releases(name)[0].sources.location(name) is not None

    def has(self, module: str, name: str) -> bool:
        """Whether a star import from a module may bind a name in some release, submodules included."""
        full = f"{module}.{name}"
        return any(
            name in bound_in(facts)
            or project.sources.location(full) is not None
            or definition_of(project.sources, full) is not None
            for project in self._releases(module)
            if (facts := project.sources.facts(module)) is not None
        )

    def all_define(self, module: str, name: str) -> bool:
        """Whether a module binds a name in every release."""
        every = [project.sources.facts(module) for project in self._releases(module)]
        return all(facts is not None and name in bound_in(facts) for facts in every)

    def definition(self, name: str) -> Definition:
        """Where a name is defined.

        Raises:
            Declined: releases differ in that, it cannot be told, or that module brings what is refused too.
        """
        found = {self._definition(project, name) for project in self._releases(name)}
        if found == {None}:
            raise Declined(f"where {name} is defined cannot be told")
        if len(found) > 1:
            told = "do not all have" if None in found else "define in different modules"
            raise Declined(f"the releases that the requirements allow {told} {name}")
        (definition,) = found
        assert definition is not None, "one definition, the same in all releases"
        if not self.is_light(definition.module):
            raise Declined(
                f"{definition.module}, which defines {name}, brings libraries without an action too"
            )
        return definition

    def _definition(self, project: Project, name: str) -> Definition | None:
        found = definition_of(project.sources, name)
        if found is None or "." in found[1] or found[0] == name.rpartition(".")[0]:
            return None
        return Definition(*found)

    def _releases(self, name: str) -> list[Project]:
        """The project with each release of a name's package."""
        package = name.partition(".")[0]
        if package not in self._projects:
            self._projects[package] = list(self._with_each(package).values())
        return self._projects[package]

    def _with_each(self, package: str) -> dict[str, Project]:
        found: dict[str, Project] = {}
        for number, combination in enumerate(self._assembled.combinations):
            releases = (c.release for c in combination if c.package == package and c.release is not None)
            version = next((release.version for release in releases), "")
            if version not in found:
                found[version] = self._assembled.beside(combination) if number else self._assembled.project
        return found


def _is_clean(project: Project, module: str) -> bool:
    return not packaged_set([module], project.full_world).of("refused")
