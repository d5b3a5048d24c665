"""NQ104 guarded-name-unguarded-use: a name that exists only under a test, used without it."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.closure.import_time import import_time_set
from nequip_lint.closure.world import World
from nequip_lint.facts.details import Unbound
from nequip_lint.facts.names import bound_names
from nequip_lint.facts.values import Condition, Facts, GuardedRead
from nequip_lint.hazards.guarded_names import HELP, message, unguarded
from nequip_lint.machine.evaluate import Judge
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.executed import alone, hit_in, without_gpu
from nequip_lint.rules.live import hit, live
from nequip_lint.rules.nq105 import missing


@rule("NQ104")
def guarded_name_unguarded_use(project: Project) -> Iterator[Hit]:
    """One hit for each guard, at the first use outside of it, unless NQ105 says so of the same library.

    A use counts only where some machine that the requirements allow runs it without the name: the
    tests that the name is defined under fail there, and no test around the use is known to.
    """
    yield from _under_tests(project)
    yield from _passed_over(project)


def _under_tests(project: Project) -> Iterator[Hit]:
    for facts in project.executed.values():
        if not facts.guarded_reads:
            continue
        reported: set[tuple[Condition, ...]] = set()
        for world in _machines(project):
            for use, guards in unguarded(facts, alone(world, facts).judge):
                if guards in reported:
                    continue
                reported.add(guards)
                if not _is_said(project, facts, use):
                    yield hit_in(project, facts, use.span, message(use), HELP)


def _passed_over(project: Project) -> Iterator[Hit]:
    """One hit for each name that a `try` leaves unbound where its library is absent, at the first read."""
    found = [
        (facts, read)
        for facts, read in live(project, lambda details: details.unbound)
        if _is_absent(project, facts, read)
    ]
    loaded = import_time_set(project.roots, project.bare_world, project.loaded.__contains__) if found else {}
    seen: set[tuple[str, str]] = set()
    for facts, read in found:
        key = (facts.module, read.name)
        if facts.module in loaded and key not in seen:
            seen.add(key)
            yield hit(project, facts, read.spot, *_unbound(read))


def _is_absent(project: Project, facts: Facts, read: Unbound) -> bool:
    """Whether some machine surely comes to a read without any of the libraries that bind the name."""
    world = project.bare_world
    if Judge(facts, world.target, world.importable).all(read.spot.place.guards) is not True:
        return False
    libraries = {_top(module) for module in read.modules}
    if any(world.importable(module) is not False or _is_kept(project, module) for module in read.modules):
        return False
    return not any(item.library in libraries for item in missing(project, facts))


def _is_kept(project: Project, module: str) -> bool:
    """Whether a module is in the archive, be it as a mock: then its import does not fail for being absent."""
    return not project.is_third_party(module) or project.patterns.action(module) == "mock"


def _is_said(project: Project, facts: Facts, use: GuardedRead) -> bool:
    """Whether NQ105 reports another name of the library at work in the same import of the file."""
    tops = _libraries(facts, use.name) if use.place.at_import else set()
    names = {item.head for item in missing(project, facts)} if tops else set()
    return any(tops & _libraries(facts, name) for name in names)


def _libraries(facts: Facts, name: str) -> set[str]:
    """The libraries from which imports at the top of a file bind a name."""
    found = (item for item in facts.imports if item.place.at_import and name in bound_names(item))
    return {(item.module or "").partition(".")[0] for item in found}


def _machines(project: Project) -> Iterator[World]:
    """Without a GPU but with every library; and without a GPU and without optional libraries."""
    yield without_gpu(project)
    yield project.bare_world


def _top(name: str) -> str:
    return name.partition(".")[0]


def _unbound(read: Unbound) -> tuple[str, str]:
    """The message and the help."""
    library = _top(read.modules[0])
    return (
        f"where {library} is not installed, this line raises NameError: only an import that may fail binds "
        f"{read.name}",
        "import it in the function that needs it, or ask before the use whether it is there",
    )
