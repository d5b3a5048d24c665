"""NQ104 guarded-name-unguarded-use: a name that exists only under a test, used without it."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.names import bound_names
from nequip_lint.facts.values import Condition, Facts, Use
from nequip_lint.project.evaluate import Judge, catches
from nequip_lint.project.model import Project
from nequip_lint.project.world import World
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.rules.nq105 import missing


@rule("NQ104")
def guarded_name_unguarded_use(project: Project) -> Iterator[Hit]:
    """One hit for each guard, at the first use outside of it, unless NQ105 says so of the same library.

    A use counts only where some machine that the requirements allow runs it without the name: the
    tests that the name is defined under fail there, and no test around the use is known to.
    """
    for facts in project.executed.values():
        if not facts.uses:
            continue
        reported: set[tuple[Condition, ...]] = set()
        for world in _machines(project):
            for use, guards in _unguarded(facts, world):
                if guards in reported:
                    continue
                reported.add(guards)
                if not _is_said(project, facts, use):
                    yield at(facts, use.span, _message(use), chain=project.packaged.chain(facts.module))


def _is_said(project: Project, facts: Facts, use: Use) -> bool:
    """Whether NQ105 reports another name of the library at work in the same import of the file."""
    tops = _libraries(facts, use.name) if use.place.at_import else set()
    names = {touch.name.partition(".")[0] for touch, _ in missing(project, facts)} if tops else set()
    return any(tops & _libraries(facts, name) for name in names)


def _libraries(facts: Facts, name: str) -> set[str]:
    """The libraries from which imports at the top of a file bind a name."""
    found = (item for item in facts.imports if item.place.at_import and name in bound_names(item))
    return {(item.module or "").partition(".")[0] for item in found}


def _machines(project: Project) -> Iterator[World]:
    """Without a GPU but with every library; and without a GPU and without optional libraries."""
    yield project.world(project.full_world.target._replace(gpu=False))
    yield project.bare_world


def _unguarded(facts: Facts, world: World) -> Iterator[tuple[Use, tuple[Condition, ...]]]:
    judge = Judge(facts, world.target, world.importable)
    missing = {name: guards for name, guards in _definitions(facts).items() if _is_missing(judge, guards)}
    for use in facts.uses:
        if use.name not in missing or catches(use.place.caught, "NameError") or "test" in use.place.caught:
            continue
        if judge.all(use.place.guards) is not False and not _shares(use, missing[use.name]):
            yield use, missing[use.name][0]


def _definitions(facts: Facts) -> dict[str, list[tuple[Condition, ...]]]:
    """The guards of every binding of the names that are used."""
    names = {use.name for use in facts.uses}
    found: dict[str, list[tuple[Condition, ...]]] = {}
    for binding in facts.bindings:
        if binding.name in names:
            found.setdefault(binding.name, []).append(binding.place.guards)
    for item in facts.imports:
        for name in bound_names(item) if item.place.at_import else ():
            if name in names:
                importable = Condition("importable", item.module or "")
                found.setdefault(name, []).append((*item.place.guards, importable))
    return found


def _is_missing(judge: Judge, definitions: list[tuple[Condition, ...]]) -> bool:
    return all(judge.all(guards) is False for guards in definitions)


def _shares(use: Use, definitions: list[tuple[Condition, ...]]) -> bool:
    """Whether the use stands under one of the tests that the name is defined under."""
    tests = {condition for guards in definitions for condition in guards}
    return not tests.isdisjoint(use.place.guards)


def _message(use: Use) -> str:
    return (
        f"on some machines this line raises NameError: {use.name} is defined only under a test that fails "
        "there, but used outside of it; use it under the same test, or define it in the other branch too"
    )
