"""What is registered for the libraries that are packaged, by the names that are registered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nequip_lint.facts.names import resolve
from nequip_lint.machine.libraries import known
from nequip_lint.machine.target import covering, covers
from nequip_lint.project.model import Project
from nequip_lint.project.registrations import Registration
from nequip_lint.registering.proposal import Proposal, Where, needs
from nequip_lint.rules.base import Hit, rules
from nequip_lint.rules.decisions import Reason, told
from nequip_lint.rules.usage import Use


def has_action(project: Project, library: str) -> bool:
    """Whether all that is packaged of a library has an action."""
    met = _met(project, library)
    return None not in ({project.patterns.action(name) for name in met} or {project.patterns.action(library)})


def registered(project: Project, library: str, uses: tuple[Use, ...]) -> Iterator[Proposal]:
    """One for each registered name that covers what is packaged of a library.

    Args:
        project: the project.
        library: its import name.
        uses: of it in the packaged files.
    """
    for name, action in _names(project, library):
        entry = known().get(name)
        meant = tuple(use for use in uses if _is_of(project, use, name, library))
        failing = needs(meant) if action == "mock" else ()
        why = (*((Reason(entry.why),) if entry is not None else ()), *map(told, failing))
        yield Proposal(name, "registered", action, "", _where(project, name, action), why, meant)


def _met(project: Project, library: str) -> list[str]:
    return [name for name in project.packaged.modules if covers(frozenset({library}), name)]


def _names(project: Project, library: str) -> list[tuple[str, str]]:
    """The names in force with their actions: of the library, and of parts that have their own."""
    found: set[tuple[str, str]] = set()
    for module in _met(project, library) or [library]:
        action = project.patterns.action(module)
        if action in ("extern", "mock"):
            of_action = project.patterns.mock if action == "mock" else project.patterns.extern
            found.add((covering(of_action, module), action))
    return sorted(found)


def _is_of(project: Project, use: Use, name: str, library: str) -> bool:
    """Whether a use may be one of a registered name: of another part of the library it is not."""
    facts = next((facts for facts in project.files if facts.path == use.path), None)
    full = resolve(facts, use.text) if facts is not None else use.text
    if not covers(frozenset({library}), full):
        return True
    parts = {other for other, _ in _names(project, library)}
    return covering(parts, full) in ("", name) or full == library


def _where(project: Project, name: str, action: str) -> Where:
    for item in project.registrations:
        if name in ((item.mock if action == "mock" else item.extern) or ()):
            return call_of(item)
    settings = project.settings.mock if action == "mock" else project.settings.extern
    is_configured = name in settings
    return Where("configuration", str(project.metadata.path)) if is_configured else Where("nequip")


def call_of(item: Registration) -> Where:
    """The place of a call."""
    return Where("call", item.facts.path, item.call.span.line)


def with_conflicts(project: Project, listed: Iterable[Proposal]) -> Iterator[Proposal]:
    """The proposals, of which those say so that contradict what else is registered or packaged (NQ205).

    Args:
        project: the project.
        listed: its proposals.
    """
    hits = {hit.module: hit for hit in rules()["NQ205"](project)}
    for item in listed:
        hit = hits.pop(item.library, None) if item.status == "registered" else None
        yield item if hit is None else item._replace(status="conflicting", reasons=_reasons(hit))
    for name, hit in hits.items():
        where = Where("call", hit.path, hit.span.line)
        action = "mock" if name in project.patterns.mock else "extern"
        yield Proposal(name, "conflicting", action, "", where, _reasons(hit), chain=hit.chain)


def _reasons(hit: Hit) -> tuple[Reason, ...]:
    return Reason(hit.message, hit.path, hit.span.line), Reason(hit.help)
