"""What to register: as text, and as JSON version 1."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from nequip_lint.engine.changes import Change
from nequip_lint.project.registrations import FUNCTION
from nequip_lint.registering.proposal import Proposal, Where, fails_as_mock, is_conflicting, is_missing
from nequip_lint.registering.proposals import arguments, settings, to_register
from nequip_lint.reports.frame import chain_lines
from nequip_lint.reports.machine import chain_json
from nequip_lint.reports.paths import shown

_NOTHING = "nothing to register: every library in the packaged set has an action"
_STATUS = {
    "unregistered": "not registered",
    "unused": "registered {place}, unused",
    "not run": "registered {place}, not run",
    "conflicting": "registered {place}, in conflict",
    "registered": "registered {place}",
}


def lines(listed: Iterable[Proposal], unchecked: int, first: str, *, uses_nequip: bool) -> Iterator[str]:
    """The proposals as a table of library, action and registration, with the reasons below each.

    Args:
        listed: the proposals for one project.
        unchecked: how many places could not be followed.
        first: what has to be done before `--write` finds a place; '' for nothing.
        uses_nequip: whether calls register libraries; else the configuration does.
    """
    items = list(listed)
    width = max((len(item.library) for item in items), default=0)
    for item in items:
        status = _STATUS[item.status].format(place=_place(item.where))
        releases = f" ({item.releases})" if item.releases else ""
        yield f"{item.library:<{width}}  {item.action:<7}  {status}{releases}"
        for reason in item.reasons:
            place = f" ({shown(reason.path)}:{reason.line})" if reason.path else ""
            yield f"    {reason.text}{place}"
        if is_missing(item):
            yield from chain_lines(item.chain, "    ")
    places = f"{unchecked} place{'' if unchecked == 1 else 's'} not followed (NQ004)"
    closing = _closing(items, first, uses_nequip=uses_nequip)
    yield f"{closing}; {places}" if unchecked else closing


def _place(where: Where | None) -> str:
    if where is None:
        return ""
    if where.by == "call":
        return f"in {shown(where.path)}:{where.line}"
    return "by nequip" if where.by == "nequip" else f"in {shown(where.path)}"


def _closing(items: list[Proposal], first: str, *, uses_nequip: bool) -> str:
    """The call or the settings that are missing, and what these cannot do."""
    wanted = to_register(items)
    added = f"{FUNCTION}({arguments(wanted)})" if uses_nequip else f"[tool.nequip-lint] {settings(wanted)}"
    left = [item.library for item in items if is_missing(item) and not item.registers]
    how = f"{first}, then --write" if first else "--write"
    parts = [f"to be added ({how}): {added}"] if wanted else []
    parts += [f"not settled by a registration: {', '.join(left)}"] if left else []
    return "; ".join([*parts, *_failing(items)]) or _NOTHING


def _failing(items: list[Proposal]) -> list[str]:
    """The registrations that a model fails with, by rule."""
    mocked = [item.library for item in items if fails_as_mock(item)]
    conflicting = [item.library for item in items if is_conflicting(item)]
    found = [f"registered as mock, but needed at work: {', '.join(mocked)} (NQ208)"] if mocked else []
    return [*found, f"in conflict: {', '.join(conflicting)} (NQ205)"] if conflicting else found


def project_json(root: str, listed: Iterable[Proposal], unchecked: int) -> dict[str, Any]:
    """The proposals for one project as JSON values."""
    items = list(listed)
    call = arguments(to_register(items))
    return {
        "version": 1,
        "project": shown(root),
        "libraries": [_json(item) for item in items],
        "call": f"{FUNCTION}({call})" if call else None,
        "unchecked": unchecked,
    }


def _json(item: Proposal) -> dict[str, Any]:
    where, ships = item.where, item.wheel
    return {
        "library": item.library,
        "status": item.status,
        "action": item.action,
        "registers": item.registers or None,
        "registered": None
        if where is None
        else {"by": where.by, "path": shown(where.path) if where.path else None, "line": where.line or None},
        "releases": item.releases or None,
        "reasons": [
            {"text": one.text, "path": shown(one.path) if one.path else None, "line": one.line or None}
            for one in item.reasons
        ],
        "uses": [
            {
                "path": shown(use.path),
                "line": use.line,
                "text": use.text,
                "where": use.where,
                "in": use.function,
            }
            for use in item.uses
        ],
        "ships": None
        if ships is None
        else {
            "distribution": ships.distribution or None,
            "version": ships.version or None,
            "compiled": list(ships.compiled),
            "python_files": ships.sources,
            "python_bytes": ships.size,
        },
        "chain": chain_json(item.chain),
    }


def written_lines(changes: Iterable[Change], listed: Iterable[Proposal]) -> Iterator[str]:
    """What was registered where, and what no registration settles."""
    items = list(listed)
    for action, names in to_register(items).items():
        yield f"registered as {action}: {', '.join(names)}"
    yield from (
        f"{'created' if item.before is None else 'changed'} {shown(str(item.path))}" for item in changes
    )
    left = [item.library for item in items if is_missing(item) and not item.registers]
    if left:
        yield f"not settled by a registration: {', '.join(left)} (see nequip-lint registrations)"
    elif not to_register(items) and not _failing(items):
        yield _NOTHING
    yield from _failing(items)
