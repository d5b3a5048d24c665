"""What the rules of families NQ3xx to NQ5xx share: the facts that matter in the packaged files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

from nequip_lint.facts.details.module import Details
from nequip_lint.facts.details.spots import Spot, Term
from nequip_lint.facts.names import looks_like_class, resolve
from nequip_lint.facts.values import Facts, Import, Place
from nequip_lint.machine.evaluate import Judge
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, at
from nequip_lint.runs.functions import Key
from nequip_lint.runs.life import life, packaged_files, running
from nequip_lint.runs.types_only import types_only
from nequip_lint.values import Span


class _Spotted(Protocol):
    @property
    def spot(self) -> Spot: ...


_Fact = TypeVar("_Fact", bound=_Spotted)


def packaged(project: Project) -> Iterator[tuple[Facts, Details]]:
    """The files that the archive holds, linted and installed ones."""
    return ((facts, project.sources.details(facts)) for facts in packaged_files(project))


def live(project: Project, kind: Callable[[Details], Iterable[_Fact]]) -> Iterator[tuple[Facts, _Fact]]:
    """The facts of a kind in packaged files that a load or a use of the model evaluates somewhere."""
    for facts, details in packaged(project):
        for fact in kind(details):
            if is_run(project, facts, fact.spot) and is_reached(project, facts, fact.spot.place):
                yield facts, fact


def is_run(project: Project, facts: Facts, spot: Spot) -> bool:
    """Whether a fact stands in code that does not run only while a model is made.

    Of an installed library that is what a load or a call of the model runs, not what a user may call besides.
    """
    if facts.module in types_only(project):
        return False
    key = Key(facts.module, spot.owner, spot.function)
    if not spot.function or facts.module in project.owned:
        return not spot.function or key in running(project)
    return key in life(project).load or key in life(project).forward


def is_import_run(project: Project, facts: Facts, item: Import) -> bool:
    """Whether a load or a use of the model runs an import statement."""
    return is_span_run(project, facts, item.span, item.place)


def is_span_run(project: Project, facts: Facts, span: Span, place: Place) -> bool:
    """Whether a load or a use of the model runs a statement of a packaged file."""
    if place.at_import:
        return True
    return any(
        body.span.line <= span.line <= body.span.end_line
        and Key(facts.module, body.owner, body.name) in running(project)
        for body in project.sources.details(facts).bodies
        if body.name
    )


def is_reached(project: Project, facts: Facts, place: Place) -> bool:
    """Whether some machine comes to a place: its tests are known to fail on none, or not on all."""
    known = project.sources.facts
    for world in (project.full_world, project.bare_world) if place.guards else ():
        judge = Judge(facts, world.target, world.importable, packaged=True, facts_of=known)
        if judge.all(place.guards) is not False:
            return True
    return not place.guards


def hit(project: Project, facts: Facts, spot: Spot, message: str, help: str) -> Hit:
    """A hit at a spot, with the chain that brings its file into the archive."""
    return at(facts, spot.span, message, help, chain=project.packaged.chain(facts.module))


def is_internal(project: Project, module: str) -> bool:
    """Whether the top-level package of a module is interned when this project's models are packaged."""
    top = module.partition(".")[0]
    return any(name.partition(".")[0] == top for name in project.patterns.intern)


def names_own(project: Project, facts: Facts, term: Term) -> bool:
    """Whether an expression names a module of the package."""
    if term.string is not None:
        return is_internal(project, term.string)
    if module := module_asked(project, facts, term.name):
        return is_internal(project, module)
    return term.name in ("__name__", "__package__") or term.attribute == "__module__"


def module_asked(project: Project, facts: Facts, name: str) -> str:
    """The imported module that `layers.__name__` asks for its name; '' for any other dotted name."""
    owner, _, last = name.rpartition(".")
    module = resolve(facts, owner) if last == "__name__" else ""
    is_imported = module != owner or any(item.module == owner for item in facts.imports)
    is_known = project.sources.facts(module) is not None if is_internal(project, module) else is_imported
    return module if owner and is_known and not looks_like_class(module) else ""


def start_of(project: Project, facts: Facts, spot: Spot) -> Key:
    """The code of a module, or the function, from which a life of the package first comes to a spot."""
    key = Key(facts.module, spot.owner, spot.function)
    return (life(project).way_to(key) or (key,))[0]


def when(project: Project, facts: Facts, spot: Spot) -> str:
    """In which moment of a package's life code is evaluated, as a user reads it."""
    if spot.place.at_import:
        return import_of(project, facts.module)
    key = Key(facts.module, spot.owner, spot.function)
    way = life(project).way_to(key) or (key,)
    first, *others = [_shown(item) for item in way]
    called = "".join(f", which calls {item}" for item in others)
    if key in life(project).load:
        return f"{import_of(project, way[0].module)} ({first}{called})"
    if way[0].name in ("forward", "__call__"):
        return f"running the model ({first}{called})"
    return f"calling {first}{called}"


def import_of(project: Project, module: str) -> str:
    """What imports a packaged module: a load, or a function that does so later."""
    is_loaded = module in project.loaded
    return "loading the package" if is_loaded else f"importing {module} out of the package"


def _shown(key: Key) -> str:
    if key.owner:
        return f"{key.owner}.{key.name}"
    return f"{key.name}()" if key.name else key.module


def not_again(project: Project, facts: Facts) -> str:
    """What fails where a file runs once more in a process that takes something from it only once."""
    if facts.module in project.loaded:
        return "does not load"
    return f"loads, and fails where a function first imports {facts.module}"
