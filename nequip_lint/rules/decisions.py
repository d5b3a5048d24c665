"""What to propose for a library without an action: from what is known of it, its wheel and its use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from nequip_lint.closure.packaged import packaged_set
from nequip_lint.closure.world import World
from nequip_lint.declared.wheels import Wheel
from nequip_lint.machine import standard_library as stdlib
from nequip_lint.machine.libraries import Library, known
from nequip_lint.machine.target import EVERYTHING, Patterns, covers
from nequip_lint.project.extensions import extension, is_nequips
from nequip_lint.project.model import Project
from nequip_lint.rules.base import rules
from nequip_lint.rules.dead_ends import always_there, blocked, passage
from nequip_lint.rules.usage import NEEDED, Use, said
from nequip_lint.values import Chain

_SMALL = 100_000
"""Bytes of Python source up to which what is used of a library may well be moved into the package."""
_MADE_ONLY = frozenset({"annotation", "idle", "build", "harmless"})
_OF_MOCKS = ("NQ105", "NQ208")
_OWN_CHANGES = frozenset({"avoid", "intern", "unknown"})
"""What only somebody who can change the import does, or finds out."""
_KEEP_OUT = "keep it out of the modules that models are made of"
_UNSEEN = "no use of what it defines is seen in your packaged files"


class Reason(NamedTuple):
    """One reason, with the place in source that gives it, if one does."""

    text: str
    path: str = ""
    line: int = 0


class Reached(NamedTuple):
    """How packaged code comes to a library without an action.

    `chain` leads to it. `heavy` is the package whose `__init__` alone does, '' where model code imports it.
    `importer` is the installed module that imports it, '' where linted code does so as well.
    """

    chain: Chain = ()
    heavy: str = ""
    importer: str = ""


class Decision(NamedTuple):
    """An action, what a registration can do about the library now (`extern`, `mock` or ''), and why."""

    action: str
    registers: str
    reasons: tuple[Reason, ...]


def decide(
    project: Project, library: str, uses: tuple[Use, ...], ships: Wheel | None, reached: Reached
) -> Decision:
    """What to propose for an unregistered library.

    Args:
        project: the project.
        library: the top-level import name.
        uses: of the library in the project's packaged files.
        ships: what is installed of it, where an environment is read.
        reached: how packaged code comes to it.
    """
    heavy = reached.heavy
    if library in stdlib.DISALLOWED:
        return Decision("extern", "extern", (Reason(always_there(library)),))
    if is_nequips(library):
        return Decision("declare", "", (Reason(_declared(library)),))
    needed = next((use for use in uses if use.where in NEEDED), None)
    usage = (told(needed),) if needed is not None else ()
    if heavy and library in blocked(project):
        action, because = _let_in(project, library, usage)
        within = f"{heavy}/__init__ reaches it, and no narrower import avoids that (NQ203)"
        return Decision(action, action, (because, Reason(within)))
    if heavy:
        why = f"only {heavy}/__init__ reaches it; import the submodule that defines what you need (NQ203)"
        entry = known().get(library)
        return Decision("narrow", "", (Reason(why), *((Reason(entry.why),) if entry is not None else ())))
    is_idle = bool(uses) and all(use.where in _MADE_ONLY for use in uses)
    lie = _as_a_mock(project, library) if is_idle else ()
    decision = _decided(project, library, uses, ships, usage or lie, is_idle and not lie)
    is_out = decision.action in _OWN_CHANGES and reached.importer
    return _let_through(project, library, uses, usage or lie, reached.importer) if is_out else decision


def _let_through(
    project: Project, library: str, uses: tuple[Use, ...], usage: tuple[Reason, ...], importer: str
) -> Decision:
    """What a registration does about an import that stands in installed code, which nobody here changes."""
    doubts = (told(use) for use in uses if use.where == "unsure")
    action, why = _let_in(project, library, (*usage, *doubts))
    place = Reason(f"{importer} imports it, which is packaged and not yours to change")
    return Decision(action, action, (why, place))


def _let_in(project: Project, library: str, needs: tuple[Reason, ...]) -> tuple[str, Reason]:
    """The action that lets a library through, and why: extern where something may need it."""
    if needs:
        return "extern", needs[0]
    action, why = passage(project, library)
    return action, Reason(why)


def _decided(
    project: Project,
    library: str,
    uses: tuple[Use, ...],
    ships: Wheel | None,
    usage: tuple[Reason, ...],
    is_idle: bool,
) -> Decision:
    entry = known().get(library)
    because = (*usage, *_of(entry), *shipped(ships, project))
    if entry is not None and entry.action == "extern":
        return Decision("extern", "extern", because)
    if is_idle:
        return Decision("mock", "mock", (Reason(_idle(uses)), *_of(entry)))
    if entry is not None and entry.action == "avoid":
        if entry.direct and usage:
            return Decision("extern", "extern", because)
        return Decision("avoid", "", (*because, Reason(_KEEP_OUT)))
    if ships is not None and ships.compiled:
        return Decision("extern", "extern", because)
    if usage and ships is not None and ships.size <= _SMALL and ships.sources:
        return Decision("intern", "extern", (*because, *_how(project, library, uses)))
    if usage:
        return Decision("extern", "extern", because)
    if entry is not None:
        return Decision(entry.action, entry.action, because)
    doubt = next((use for use in uses if use.where == "unsure"), None)
    open_question = told(doubt) if doubt is not None else Reason(_UNSEEN)
    return Decision("unknown", "", (open_question, *because))


def _of(entry: Library | None) -> tuple[Reason, ...]:
    """What is known of a library that model code imports, and not only e3nn's package roots."""
    return (Reason(entry.direct or entry.why),) if entry is not None else ()


def _declared(library: str) -> str:
    """What to do about what nequip packages by itself, or would if nothing but a requirement were missing."""
    name = extension(library)
    if not name:
        return f"{library} is packaged as source: name it in internal-packages of [tool.nequip-lint]"
    return f"an extension of nequip is internal through its own entry point: declare {name} as a requirement"


def shipped(ships: Wheel | None, project: Project) -> tuple[Reason, ...]:
    """What a library ships, as a reason; that it is not known, where it is not."""
    if ships is None:
        is_read = bool(project.sources.installed)
        what = "it is not in the environment" if is_read else "no environment was read (--environment)"
        return (Reason(f"what it ships is not known: {what}"),)
    name = f"{ships.distribution} {ships.version} ".lstrip()
    if ships.compiled:
        more = f" and {len(ships.compiled) - 1} more" if len(ships.compiled) > 1 else ""
        return (Reason(f"{name}ships compiled code: {ships.compiled[0]}{more}"),)
    size = "small" if ships.size <= _SMALL else "large"
    files = f"{ships.sources} file{'' if ships.sources == 1 else 's'}, {(ships.size + 999) // 1000} kB"
    return (Reason(f"{name}is {size} and pure Python: {files}"),)


def told(use: Use) -> Reason:
    """A use that decides, as a reason."""
    return Reason(said(use), use.path, use.line)


def _idle(uses: tuple[Use, ...]) -> str:
    kinds = {use.where for use in uses}
    if kinds == {"annotation"}:
        return "only annotations name it: a mock does as well"
    where = sorted({use.function for use in uses if use.function})
    used = f"only {', '.join(where)} use{'s' if len(where) == 1 else ''} it"
    alone = (
        "it is imported and named, not used"
        if "idle" not in kinds
        else "only code under a test that fails in packages uses it"
    )
    what = used if where else alone
    return f"{what}, which no packaged model runs: a mock does as well"


def _as_a_mock(project: Project, library: str) -> tuple[Reason, ...]:
    """What the rules about mocks would report first if it were one."""
    settings = project.settings._replace(mock=project.settings.mock | {library})
    supposed = Project(
        project.metadata,
        project.files,
        project.sources,
        project.required,
        project.extensions,
        settings,
        project.roots,
    )
    known_before = {(hit.path, hit.span) for code in _OF_MOCKS for hit in rules()[code](project)}
    for code in _OF_MOCKS:
        for hit in rules()[code](supposed):
            if (hit.path, hit.span) not in known_before:
                return (Reason(f"a mock would fail there ({code})", hit.path, hit.span.line),)
    return ()


def _how(project: Project, library: str, uses: tuple[Use, ...]) -> Iterator[Reason]:
    """What to move into the package: the files of the library that imports reach, and what those need."""
    named = [name for name in project.packaged.modules if covers(frozenset({library}), name)]
    patterns = project.patterns
    inside = Patterns(patterns.intern | {library}, patterns.extern, patterns.mock)
    closure = packaged_set(named or [library], World(project.sources, inside, EVERYTHING))
    files = [name for name in closure.of("intern") if covers(frozenset({library}), name)]
    others = sorted({name.partition(".")[0] for name in closure.of("refused")} - {library})
    names = sorted({use.text for use in uses if use.where in NEEDED})
    need = f"{', '.join(names)} need{'s' if len(names) == 1 else ''}"
    yield Reason(
        f"better part of your package: move there what {need}, from {', '.join(files)} (heed the licence), "
        "and import it from its new place; until then it is external"
    )
    if others:
        yield Reason(f"these files need {', '.join(others)} in turn, without an action so far")
