"""What the rules about registrations share: names that miss their library, calls that never run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from nequip_lint.machine.libraries import import_names, known, normalized
from nequip_lint.machine.target import covers
from nequip_lint.project.model import Project
from nequip_lint.project.registrations import Registration, registrations_written

_STRING = "a string, which is taken letter by letter", "write a list of names"
"""What a string in place of a list is, and the help."""


class Malformed(NamedTuple):
    """A registered name that covers no import, or not those that are packaged.

    `reason` says why, `help` what to write; `tops` are the import names that were meant, as far as these are
    known; `is_string` is true for a string in place of a list.
    """

    item: Registration
    parameter: str
    name: str
    reason: str
    help: str
    tops: tuple[str, ...]
    is_string: bool = False


@lru_cache(maxsize=4)
def owned_registrations(project: Project) -> tuple[Registration, ...]:
    """The registration calls in the linted files that run with the entry points."""
    return tuple(item for item in project.registrations if item.facts.module in project.owned)


@lru_cache(maxsize=4)
def unregistered(project: Project) -> frozenset[str]:
    """The top-level names of packaged imports without an action, whoever reports them."""
    refused = project.packaged.of("refused") if not project.is_computed else ()
    return frozenset(
        module.partition(".")[0] for module in refused if project.patterns.action(module) is None
    )


@lru_cache(maxsize=4)
def malformed(project: Project) -> tuple[Malformed, ...]:
    """Every malformed name in the registrations of the linted files."""
    return tuple(_malformed(project))


def _malformed(project: Project) -> Iterator[Malformed]:
    for item in owned_registrations(project):
        for parameter, names in (("extern_modules", item.extern), ("mock_modules", item.mock)):
            if names and _are_letters(names):
                meant = _spelled(project, names)
                name = meant[0] if meant else "".join(names)
                yield Malformed(item, parameter, name, *_STRING, meant, is_string=True)
                continue
            for name in names or ():
                found = _judge(project, name)
                if found is not None:
                    yield Malformed(item, parameter, name, *found)


def _are_letters(names: tuple[str, ...]) -> bool:
    return all(len(name) == 1 for name in names)


def _spelled(project: Project, letters: tuple[str, ...]) -> tuple[str, ...]:
    """The unregistered libraries whose name a string in place of a list may be."""
    return tuple(top for top in sorted(unregistered(project)) if tuple(sorted(set(top))) == letters)


def _judge(project: Project, name: str) -> tuple[str, str, tuple[str, ...]] | None:
    """The reason, the help and the import names that were meant; None for a name that is right."""
    top = name.partition(".")[0]
    if not all(part.isidentifier() for part in name.split(".")):
        bare = name.rstrip("*.")
        meant = tuple(found for found in import_names(bare) if found.isidentifier())
        return "which is no name that can be imported", _register(meant), meant
    meant = _imported_as(name)
    if meant and not project.sources.knows(name):
        return "which is the name of a distribution", _register(meant), meant
    if top != name and top in unregistered(project):
        reason = f"which covers that and what is below, but packaged code also needs {top} itself"
        return reason, _register((top,)), (top,)
    return None


def _register(names: tuple[str, ...]) -> str:
    return f"register the import name {' or '.join(names)}" if names else "register a name as it is imported"


def _imported_as(name: str) -> tuple[str, ...]:
    """The import names of a known distribution, where it is not imported under its own name."""
    if name in known():
        return ()
    found = tuple(item.name for item in known().values() if normalized(item.distribution) == normalized(name))
    own = {normalized(item) for item in found}
    return () if normalized(name) in own else found


def unneeded(project: Project) -> Iterator[tuple[Registration, str]]:
    """Names in the registrations of the linted files that no import needs; none where no roots are known."""
    if not project.roots:
        return
    used = {module.partition(".")[0] for module in project.packaged.modules}
    used |= {(item.module or "").partition(".")[0] for facts in project.files for item in facts.imports}
    wrong = {(item.item.call.span, item.name) for item in malformed(project)}
    for item in owned_registrations(project):
        for name in (*(item.extern or ()), *(item.mock or ())):
            if name.partition(".")[0] not in used and len(name) > 1 and (item.call.span, name) not in wrong:
                yield item, name


@lru_cache(maxsize=4)
def not_reached(project: Project) -> tuple[tuple[Registration, tuple[str, ...]], ...]:
    """Calls in the linted files that no entry point reaches, each with the needed libraries that it names."""
    if not project.uses_nequip:
        return ()
    running = {(item.facts.path, item.call.span) for item in project.registrations}
    tops = {name.partition(".")[0] for name in (*project.roots, *project.entry_points)}
    files = [facts for facts in project.files if facts.module.partition(".")[0] in tops]
    found = []
    for item in registrations_written(files):
        if (item.facts.path, item.call.span) not in running:
            given = [names or () for names in (item.extern, item.mock)]
            meant = (
                name for names in given for name in (names, _spelled(project, names))[_are_letters(names)]
            )
            needed = _needed(unregistered(project), meant)
            if needed:
                found.append((item, needed))
    return tuple(found)


def _needed(tops: frozenset[str], names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in names if any(covers(frozenset({name}), top) for top in tops))


def attempted(project: Project) -> frozenset[str]:
    """Libraries that some registration fails to cover; the rules about registrations report that."""
    meant = (top for item in malformed(project) for top in item.tops)
    return frozenset((*meant, *(name for _, names in not_reached(project) for name in names)))


def contested(project: Project) -> frozenset[str]:
    """Names that the linted files or the configuration register as extern although mock wins (NQ205)."""
    extern = {name for item in owned_registrations(project) for name in item.extern or ()}
    named = extern | (project.settings.extern & project.settings.mock)
    return frozenset(name for name in named if covers(project.patterns.mock, name))
