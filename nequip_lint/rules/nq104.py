"""NQ104 guarded-name-unguarded-use: a name that exists only under a test, used without it."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.closure.import_time import import_time_set
from nequip_lint.closure.world import World
from nequip_lint.facts.details.needs import Unbound
from nequip_lint.facts.names import bound_names
from nequip_lint.facts.values import Condition, Facts, GuardedRead
from nequip_lint.hazards.guarded_names import HELP, Guards, message, unguarded
from nequip_lint.hazards.scene import Scene
from nequip_lint.machine.evaluate import Judge
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.elsewhere import missing_elsewhere
from nequip_lint.rules.executed import hit_in, without_gpu
from nequip_lint.rules.frozen import frozen
from nequip_lint.rules.guarding import Guarded
from nequip_lint.rules.live import hit, is_span_run, live
from nequip_lint.rules.nq105 import felt, missing
from nequip_lint.runs.life import packaged_files
from nequip_lint.values import Span

_ASK = "import it in the function that needs it, or ask before the use whether it is there"

_ASK_AGAIN = "ask where it is used whether the library is there, or choose again in __setstate__"


@rule("NQ104")
def guarded_name_unguarded_use(project: Project) -> Iterator[Hit]:
    """One hit for each guard, at the first use outside of it, unless NQ105 says so of the same library.

    A use counts only where some machine that the requirements allow runs it without the name: the
    tests that the name is defined under fail there, and no test around the use is known to.
    """
    told: set[tuple[str, Span]] = set()
    for found in (_under_tests, _passed_over, _left_out, _elsewhere, _frozen):
        for item in found(project):
            if (item.path, item.span) not in told:
                told.add((item.path, item.span))
                yield item


def _under_tests(project: Project) -> Iterator[Hit]:
    for facts in felt(project):
        if not facts.guarded_reads:
            continue
        reported: set[Guards] = set()
        for world in _machines(project):
            scene = Scene(facts, world)
            for use in facts.guarded_reads:
                guards = unguarded(scene, use)
                if (
                    guards is None
                    or guards in reported
                    or _is_kept_away(Guarded(project, world, facts, frozenset(guards or ())), use)
                ):
                    continue
                reported.add(guards)
                if not _is_said(project, facts, use):
                    yield hit_in(project, facts, use.span, message(use), HELP)


def _is_kept_away(guarded: Guarded, use: GuardedRead) -> bool:
    """Whether the function around a read ends before it, or a test there is about something of the object."""
    if use.place.at_import:
        return False
    world = guarded.world
    judge = Judge(guarded.facts, world.target, world.importable)
    unknown = (test for test in use.place.guards if judge.truth(test) is None)
    return any(map(_asks_object, unknown)) or guarded.is_kept_away(use.span, use.place.guards)


def _asks_object(test: Condition) -> bool:
    if test.kind in ("name", "call"):
        return test.text.startswith("self.")
    return any(map(_asks_object, test.parts))


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


def _left_out(project: Project) -> Iterator[Hit]:
    """One hit for each name that a file defines only where it is not one of a package."""
    for facts in packaged_files(project):
        machine = (facts, project.full_world.target, project.full_world.importable)
        judge, usual = Judge(*machine, packaged=True), Judge(*machine)
        seen: set[str] = set()
        for read in facts.guarded_reads:
            places = [item.place for item in facts.bindings if item.name == read.name]
            places += [item.place for item in facts.imports if read.name in bound_names(item)]
            is_bound = any(usual.all(place.guards) is not False for place in places)
            is_lost = is_bound and all(judge.all(place.guards) is False for place in places)
            if not is_lost or read.name in seen or judge.all(read.place.guards) is False:
                continue
            if is_span_run(project, facts, read.span, read.place):
                seen.add(read.name)
                text = (
                    f"in a package this line raises NameError: {read.name} is defined only where the module "
                    "is not one of a package"
                )
                yield hit_in(project, facts, read.span, text, "define it in a package too, or keep its value")


def _elsewhere(project: Project) -> Iterator[Hit]:
    """One hit for each name that an own module defines only under a test, and another one imports."""
    for facts, item, module, name in missing_elsewhere(project):
        text = (
            f"on some machines this line raises ImportError: {module} gives {name} only under a "
            "test, or by an import, that fails there"
        )
        yield hit_in(project, facts, item.span, text, f"define it in the other branch of {module} too")


def _frozen(project: Project) -> Iterator[Hit]:
    """One hit for each attribute that keeps a choice which holds where a library is installed."""
    for item in frozen(project):
        library = item.library or "an optional library"
        text = (
            f"where {library} is not installed, a model that was made with it raises {item.error} at "
            f"{item.name}: {item.attribute} keeps what was chosen where the model was made"
        )
        yield hit_in(project, item.facts, item.span, text, _ASK_AGAIN)


def _is_absent(project: Project, facts: Facts, read: Unbound) -> bool:
    """Whether some machine surely comes to a read without any of the libraries that bind the name."""
    world = project.bare_world
    if Judge(facts, world.target, world.importable).all(read.spot.place.guards) is not True:
        return False
    libraries = {_top(module) for module in read.modules}
    if any(world.importable(module) is not False or _is_kept(project, module) for module in read.modules):
        return False
    if any(item.library in libraries for item in missing(project, facts)):
        return False
    return not Guarded(project, world, facts).is_kept_away(read.spot.span)


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
        _ASK,
    )
