"""One library at a time: what registers the one that a finding is about."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

from nequip_lint.edits.declined import Declined
from nequip_lint.edits.text import edits_between, read_raw
from nequip_lint.engine.changes import Change
from nequip_lint.errors import LintError
from nequip_lint.project.assemble import Assembled
from nequip_lint.registering.placement import placed
from nequip_lint.registering.proposal import Proposal
from nequip_lint.registering.proposals import proposals
from nequip_lint.values import Edit, Finding

_CODES = ("NQ201", "NQ202")
"""The rules that report libraries without an action."""


class Registered(NamedTuple):
    """The edits that register a library, and the files among them that are made."""

    library: str
    action: str
    edits: tuple[Edit, ...]
    new: tuple[str, ...]


class Registering:
    """The registrations that a project lacks, each as `nequip-lint registrations --write` places it.

    Args:
        assembled: the project.
    """

    def __init__(self, assembled: Assembled) -> None:
        self._assembled = assembled
        self._made: dict[str, Registered | None] = {}

    def of(self, finding: Finding) -> Registered | None:
        """What registers the library of a finding; None where no registration helps, or none can be placed.

        Args:
            finding: of the project.
        """
        library = finding.module.partition(".")[0]
        if finding.code not in _CODES or library not in self._proposals:
            return None
        if library not in self._made:
            self._made[library] = self._place(self._proposals[library])
        return self._made[library]

    @cached_property
    def _proposals(self) -> dict[str, Proposal]:
        return {item.library: item for item in proposals(self._assembled) if item.registers}

    def _place(self, proposal: Proposal) -> Registered | None:
        try:
            changes = placed(self._assembled.project, [proposal])
            edits = tuple(edit for change in changes for edit in _edits(change))
        except (LintError, Declined):
            return None
        new = tuple(str(change.path) for change in changes if change.before is None)
        return Registered(proposal.library, proposal.registers, edits, new) if edits else None


def _edits(change: Change) -> tuple[Edit, ...]:
    """A change of a file as edits of its lines."""
    if change.before is None:
        return edits_between(change.path, "", change.after.decode())
    raw = read_raw(change.path)
    after = change.after.decode(raw.encoding).replace("\r\n", "\n").replace("\r", "\n")
    return edits_between(change.path, raw.text, after)
