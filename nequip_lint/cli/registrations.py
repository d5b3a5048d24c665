"""`nequip-lint registrations`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from nequip_lint.cli.options import NO_ROOTS, request_of
from nequip_lint.cli.streams import say, say_bytes
from nequip_lint.cli.unread import tell_unread
from nequip_lint.engine.changes import Change, diff, write
from nequip_lint.errors import LintError
from nequip_lint.project.assemble import Assembled, assemble
from nequip_lint.project.model import Project
from nequip_lint.registering.proposal import Proposal, is_conflicting, is_missing
from nequip_lint.registering.proposals import proposals, unfollowed
from nequip_lint.reports.machine import json_text
from nequip_lint.reports.paths import shown
from nequip_lint.reports.registrations import lines, project_json, written_lines
from nequip_lint.rules.places import obstacle

_Found = list[tuple[Assembled, list[Proposal]]]


def registrations(given: argparse.Namespace) -> int:
    """Print what to register, and with `--write` register it; the exit code."""
    if (given.write or given.diff) and (given.check or given.format == "json"):
        raise LintError("--write and --diff answer for themselves; leave --check and --format json out")
    every = assemble(request_of(given))
    is_partial = tell_unread(item.project for item in every)
    found = [(item, proposals(item)) for item in every if item.project.roots]
    for assembled, _ in found:
        assembled.cache.save()
    if given.write or given.diff:
        return _place(found, only_shown=given.diff)
    if given.format == "json":
        documents = [
            project_json(str(item.project.folder()), listed, unfollowed(item.project))
            for item, listed in found
        ]
        print(json_text(documents[0] if len(documents) == 1 else documents))
    elif found:
        say(line for item, listed in found for line in _lines(item.project, listed))
    else:
        print(NO_ROOTS)
    is_open = is_partial or any(_is_open(item) for _, listed in found for item in listed)
    return 1 if given.check and is_open else 0


def _is_open(item: Proposal) -> bool:
    return is_missing(item) or is_conflicting(item)


def _lines(project: Project, listed: list[Proposal]) -> Iterator[str]:
    problem = obstacle(project)
    first = "" if problem is None else problem.first
    return lines(listed, unfollowed(project), first, uses_nequip=project.uses_nequip)


def _place(found: _Found, *, only_shown: bool) -> int:
    """Write, or show as a diff, what is missing; 1 where a diff is shown, or something remains to be done."""
    from nequip_lint.registering.placement import placed

    changes: list[Change] = []
    for assembled, listed in found:
        changes += placed(assembled.project, listed)
    if only_shown:
        say_bytes(diff(changes, (shown(str(change.path)) for change in changes)))
        return 1 if changes else 0
    write(changes)
    listed = [item for _, items in found for item in items]
    say(written_lines(changes, listed) if found else [NO_ROOTS])
    return 1 if any(_is_open(item) and not item.registers for item in listed) else 0
