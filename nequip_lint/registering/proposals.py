"""For each library in the packaged set: what is registered, else what to register, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from nequip_lint.engine.releases import judged_apart, label
from nequip_lint.hazards.refusals import BINARY
from nequip_lint.machine import standard_library as stdlib
from nequip_lint.project.assemble import Assembled
from nequip_lint.project.model import Project
from nequip_lint.project.registrations import Registration
from nequip_lint.project.select import Combination
from nequip_lint.registering.in_force import call_of, has_action, registered, with_conflicts
from nequip_lint.registering.proposal import Proposal
from nequip_lint.rules.base import rules
from nequip_lint.rules.decided import decision_on, shipped_with, ways_to_missing
from nequip_lint.rules.decisions import Decision, Reached, Reason
from nequip_lint.rules.registering import not_reached, owned_registrations, unneeded
from nequip_lint.rules.usage import Use, uses_in

_NOWHERE = "nothing that this project packages imports it; remove it from the registration (NQ003)"
_NOT_PACKAGED = "only files that are not packaged import it"
_COMPUTED = "a registration here is computed, so that what it registers is not known (NQ004)"
_NOT_RUN = "no entry point reaches this call, so that it does not run (NQ207)"


def proposals(assembled: Assembled) -> list[Proposal]:
    """The proposals for a project over all releases that it allows, by library.

    A library that any of these leaves without an action is proposed for.
    """
    groups = judged_apart(assembled, lambda project: list(with_conflicts(project, _proposals(project))))
    found: dict[tuple[str, str], Proposal] = {}
    having: dict[tuple[str, str], list[Combination]] = {}
    for combined, listed in groups:
        for item in listed:
            found.setdefault((item.library, item.status), item)
            having.setdefault((item.library, item.status), []).extend(combined)
    every = assembled.combinations
    return [
        item._replace(releases=_releases(having[key], every))
        for key, item in sorted(found.items())
        if _is_told(key, having, every)
    ]


def _is_told(
    key: tuple[str, str], having: dict[tuple[str, str], list[Combination]], every: Sequence[Combination]
) -> bool:
    library, status = key
    if status == "unused":
        return len(having[key]) == len(every)
    return status != "registered" or not {(library, "unregistered"), (library, "not run")} & having.keys()


def _releases(having: Sequence[Combination], every: Sequence[Combination]) -> str:
    return "" if len(having) == len(every) else f"with {' and '.join(label(having, every))}"


def _proposals(project: Project) -> Iterator[Proposal]:
    uses = uses_in(project)
    missing = ways_to_missing(project)
    listed = _libraries(project, uses)
    for library in listed:
        used = uses.get(library, ())
        if not has_action(project, library) and (library in missing or project.is_computed):
            yield _proposed(project, library, used, missing.get(library, Reached()))
        yield from registered(project, library, used)
    yield from _parts(project)
    yield from _idle_registrations(project, frozenset(listed))


def _parts(project: Project) -> Iterator[Proposal]:
    """The compiled modules of internal packages, for which no library is registered but the module itself."""
    for name in project.packaged.of("refused") if not project.is_computed else ():
        why = project.packaged.modules[name].why
        if why is not None and why.cause is BINARY:
            chain = project.packaged.chain(name)
            yield Proposal(name, "unregistered", "extern", "extern", reasons=(Reason(str(why)),), chain=chain)


def _idle_registrations(project: Project, packaged: frozenset[str]) -> Iterator[Proposal]:
    """Registrations that do nothing for what is packaged."""
    nowhere = {(item.call.span, name) for item, name in unneeded(project)}
    for item in owned_registrations(project) if project.roots else ():
        for name in (*(item.extern or ()), *(item.mock or ())):
            is_unneeded = (item.call.span, name) in nowhere
            is_packaged = name.partition(".")[0] in packaged or name in project.packaged.modules
            if is_unneeded or not is_packaged:
                reason = _NOWHERE if is_unneeded else _NOT_PACKAGED
                yield Proposal(name, "unused", _action(item, name), "", call_of(item), (Reason(reason),))


def _libraries(project: Project, uses: Iterable[str]) -> list[str]:
    """Top-level names of what is packaged, or used where it would be, and needs an action."""
    named = (module.partition(".")[0] for module in (*project.packaged.modules, *uses))
    refused = stdlib.DISALLOWED.intersection(project.packaged.of("refused"))
    return sorted(refused.union(filter(project.is_third_party, named)))


def _action(item: Registration, name: str) -> str:
    return "mock" if name in (item.mock or ()) else "extern"


def _proposed(project: Project, library: str, uses: tuple[Use, ...], reached: Reached) -> Proposal:
    ships = shipped_with(project, library)
    for item, names in not_reached(project):
        if library in names:
            action, reason = _action(item, library), (Reason(_NOT_RUN),)
            return Proposal(
                library, "not run", action, action, call_of(item), reason, uses, ships, reached.chain
            )
    if project.is_computed:
        decision = Decision("unknown", "", (Reason(_COMPUTED),))
    else:
        decision = decision_on(project, library)
    return Proposal(
        library, "unregistered", *decision[:2], None, decision.reasons, uses, ships, reached.chain
    )


def unfollowed(project: Project) -> int:
    """How many imports and registrations could not be followed (NQ004): libraries may be missing here."""
    return sum(1 for _ in rules()["NQ004"](project))


def arguments(wanted: Mapping[str, Sequence[str]]) -> str:
    """The arguments of a registration call, from names by action; '' for none."""
    quoted = {action: ", ".join(f'"{name}"' for name in names) for action, names in wanted.items()}
    return ", ".join(f"{action}_modules=[{names}]" for action, names in quoted.items())


def settings(wanted: Mapping[str, Sequence[str]]) -> str:
    """The keys of `[tool.nequip-lint]` in place of a call, for code that is packaged without nequip."""
    quoted = {action: ", ".join(f'"{name}"' for name in names) for action, names in wanted.items()}
    return ", ".join(f"{action}-modules = [{names}]" for action, names in quoted.items())


def to_register(listed: Iterable[Proposal]) -> dict[str, tuple[str, ...]]:
    """The libraries to register, by action."""
    found: dict[str, tuple[str, ...]] = {}
    for action in ("extern", "mock"):
        names = tuple(item.library for item in listed if item.registers == action)
        if names:
            found[action] = names
    return found
